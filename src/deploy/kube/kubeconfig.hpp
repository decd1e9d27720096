#pragma once

#include "base/env.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::kube {

// Which cluster to talk to, and as whom: kubeconfig files as kubectl reads them.
//
//   MARVEL_TRY(const Kubeconfig config, load_kubeconfig(environment, ""));
//   MARVEL_TRY(const Access access, config.access("", ""));
//
// All of it is plain data: reading a kubeconfig opens none of the files that it names and asks no
// server. Those are opened by the first request, so a missing certificate shows only there. A
// program that runs in a pod has no kubeconfig; for it there is in_cluster_access.
//
// Fields that hold secrets are never shown in a message. Errors here are kInput with the reason
// "kubeconfig_invalid".

// Where the server is, and how to know that it is the right one.
struct Cluster {
  std::string server;           // https://host:port[/prefix]
  std::string tls_server_name;  // or empty: the host of `server`
  // insecure-skip-tls-verify: anybody between could read and change everything, so Connection
  // warns.
  bool insecure = false;
  // Certificates (PEM) that may have signed the server's; the system's when both are empty.
  std::string ca_file;
  // The decoded certificate-authority-data; wins over ca_file.
  std::string ca_pem;
  // In place of the environment's proxies; may hold a password.
  std::string proxy_url;
  // The cluster's extension "client.authentication.k8s.io/exec" as JSON, or empty: what its exec
  // plugins are told beside the rest.
  std::string exec_config;
};

// A program that hands out credentials (client.authentication.k8s.io v1 and v1beta1). Credentials
// runs it.
struct ExecPlugin {
  std::string api_version;
  std::string command;  // with a slash: relative to the file; else looked up in PATH
  std::vector<std::string> arguments;
  // Variables beside those of this process.
  std::vector<std::pair<std::string, std::string>> environment;
  // The hint of the error when the program cannot be run or fails.
  std::string install_hint;
  // Whether the plugin is told about the Cluster, in KUBERNETES_EXEC_INFO.
  bool provide_cluster_info = false;
  // Whether it may ask somebody at the terminal: "Never", "IfAvailable", "Always"; empty is
  // IfAvailable.
  std::string interactive_mode;
};

// Who we are to the server. Of several ways to say it, a plugin's token goes before token_file,
// that before `token`, and each of them before name and password. A certificate is shown beside any
// of them; `_pem` fields hold decoded data and win over the file beside them.
struct User {
  std::string certificate_file, certificate_pem;
  std::string key_file, key_pem;
  std::string token;
  std::string token_file;      // read at every use, because it rotates; wins over `token`
  std::string name, password;  // basic authentication
  // Impersonation; without `as` the other three are not sent.
  std::string as, as_uid;
  std::vector<std::string> as_groups;
  std::vector<std::pair<std::string, std::string>> as_extra;
  std::optional<ExecPlugin> exec;
  // The name of a legacy auth-provider: Kubeconfig::access refuses such a user.
  std::string unsupported;
};

// Names as the file has them; whether they are defined shows when the context is chosen.
struct ContextEntry {
  std::string cluster;
  std::string user;
  std::string namespace_name;
};

// Everything that is needed to reach one cluster: copies, so the Kubeconfig may go.
struct Access {
  std::string context;  // its name; empty in a pod
  Cluster cluster;
  User user;
  std::string namespace_name = "default";
};

// What one or more files say, by name. In a merge the first file that has a name defines it.
struct Kubeconfig {
  std::map<std::string, Cluster> clusters;
  std::map<std::string, User> users;
  std::map<std::string, ContextEntry> contexts;
  std::string current_context;
  std::vector<std::string> files;     // that were read, for messages
  std::vector<std::string> warnings;  // files of the list that are not there

  // The access of `context`, or of the current one when empty. `namespace_name` replaces the
  // context's when not empty; without both it is "default". kInput names what is missing and offers
  // what there is, ten names at most.
  [[nodiscard]] Result<Access> access(const std::string& context,
                                      const std::string& namespace_name) const;
};

// One file's text. `file` names it in messages; relative paths in it begin at its folder. kInput
// with file and line for what is no kubeconfig, for more than 4 MiB, and for a list of more than
// 10,000 entries. An empty text is an empty Kubeconfig. `files` and `warnings` stay empty.
Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::filesystem::path& file);

// `named` (--kubeconfig), or the list in $KUBECONFIG, or ~/.kube/config. Of a list the first file
// that has a cluster, user or context defines it, and the first that names a current context
// decides. A named file must exist; listed ones need not and are warnings then. One damaged file is
// a failure of the whole. A Kubeconfig without `files` when there is none at all.
Result<Kubeconfig> load_kubeconfig(const Environment& environment, const std::string& named);

// The contexts that load_kubeconfig would find, sorted, for completion: files that are no files,
// larger than 1 MiB or broken are left out without a word, and nothing else is looked at.
std::vector<std::string> context_names(const Environment& environment);

// The access that the cluster gives a pod, or nothing outside of one: without the variables
// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, or without a token in `folder`. The
// namespace is the pod's own. `folder` is /var/run/secrets/kubernetes.io/serviceaccount but in
// tests.
Result<std::optional<Access>> in_cluster_access(const Environment& environment,
                                                const std::filesystem::path& folder);

}  // namespace marvel::kube
