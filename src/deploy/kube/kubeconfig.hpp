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
// Fields that hold secrets are never shown in a message.

struct Cluster {
  std::string server;           // https://host:port[/prefix]
  std::string tls_server_name;  // or empty: the host of `server`
  bool insecure = false;        // insecure-skip-tls-verify
  std::string ca_file;
  std::string ca_pem;     // decoded certificate-authority-data; wins over ca_file
  std::string proxy_url;  // may hold a password
};

// A program that hands out credentials (client.authentication.k8s.io v1 and v1beta1).
struct ExecPlugin {
  std::string api_version;
  std::string command;  // with a slash: relative to the file; else looked up in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string install_hint;
  bool provide_cluster_info = false;
  std::string interactive_mode;
};

struct User {
  std::string certificate_file, certificate_pem;
  std::string key_file, key_pem;
  std::string token;
  std::string token_file;      // read at every use, because it rotates; wins over `token`
  std::string name, password;  // basic authentication
  std::string as, as_uid;      // impersonation
  std::vector<std::string> as_groups;
  std::vector<std::pair<std::string, std::string>> as_extra;
  std::optional<ExecPlugin> exec;
  std::string unsupported;  // a legacy auth-provider's name
};

struct ContextEntry {
  std::string cluster;
  std::string user;
  std::string namespace_name;
};

// Everything that is needed to reach one cluster.
struct Access {
  std::string context;  // its name; empty in a pod
  Cluster cluster;
  User user;
  std::string namespace_name = "default";
};

struct Kubeconfig {
  std::map<std::string, Cluster> clusters;
  std::map<std::string, User> users;
  std::map<std::string, ContextEntry> contexts;
  std::string current_context;
  std::vector<std::string> files;     // that were read, for messages
  std::vector<std::string> warnings;  // files of the list that are not there

  // The access of `context`, or of the current one when empty. `namespace_name` replaces the
  // context's when not empty. kInput names what is missing and offers what there is.
  [[nodiscard]] Result<Access> access(const std::string& context,
                                      const std::string& namespace_name) const;
};

// One file's text. `file` names it in messages; relative paths in it begin at its folder. kInput
// with file and line for what is no kubeconfig. At most 4 MiB, 10,000 nodes and 32 levels.
Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::filesystem::path& file);

// `named` (--kubeconfig), or the list in $KUBECONFIG, or ~/.kube/config. Of a list the first file
// that has a cluster, user or context defines it. A named file must exist, listed ones need not.
// An empty Kubeconfig when there is none at all.
Result<Kubeconfig> load_kubeconfig(const Environment& environment, const std::string& named);

// The contexts that load_kubeconfig would find, sorted, for completion: files that are no files,
// larger than 1 MiB or broken are left out without a word, and nothing else is looked at.
std::vector<std::string> context_names(const Environment& environment);

// The access that the cluster gives a pod, or nothing outside of one.
// `folder` is /var/run/secrets/kubernetes.io/serviceaccount but in tests.
Result<std::optional<Access>> in_cluster_access(const Environment& environment,
                                                const std::filesystem::path& folder);

}  // namespace marvel::kube
