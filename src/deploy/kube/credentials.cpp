#include "deploy/kube/credentials.hpp"

#include "base/base64.hpp"
#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "net/url.hpp"

#include <chrono>
#include <ctime>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using nlohmann::json;

constexpr std::chrono::minutes kPatienceForPeople{5};

// Texts of RFC 3339 in UTC sort like the times they name.
std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
  return text;
}

// The key as a part of a header's name, which servers decode again: what no name may hold, and %
// itself, as %XX.
std::string header_key(const std::string& key) {
  return net::percent_encode(key, "!#$&'*+^`|");
}

void impersonate(const User& user, Identity& identity) {
  if (user.as.empty()) {
    return;
  }
  identity.headers.emplace_back("Impersonate-User", user.as);
  if (!user.as_uid.empty()) {
    identity.headers.emplace_back("Impersonate-Uid", user.as_uid);
  }
  for (const auto& group : user.as_groups) {
    identity.headers.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, value] : user.as_extra) {
    identity.headers.emplace_back("Impersonate-Extra-" + header_key(key), value);
  }
}

// What a plugin may need to reach the cluster itself. Its authority is handed over as data,
// wherever we have it from.
Result<json> cluster_info(const Cluster& cluster) {
  json info = {{"server", cluster.server}};
  if (!cluster.tls_server_name.empty()) {
    info["tls-server-name"] = cluster.tls_server_name;
  }
  if (cluster.insecure) {
    info["insecure-skip-tls-verify"] = true;
  }
  if (!cluster.proxy_url.empty()) {
    info["proxy-url"] = cluster.proxy_url;
  }
  std::string authority = cluster.ca_pem;
  if (authority.empty() && !cluster.ca_file.empty()) {
    MARVEL_TRY(authority, read_file(cluster.ca_file));
  }
  if (!authority.empty()) {
    info["certificate-authority-data"] = base64_encode(authority);
  }
  if (!cluster.exec_config.empty()) {
    MARVEL_TRY(info["config"], parse_json(cluster.exec_config, "the extension for login programs"));
  }
  return info;
}

// KUBERNETES_EXEC_INFO of the plugin protocol.
Result<std::string> exec_info(const ExecPlugin& plugin, const Cluster& cluster, bool interactive) {
  json spec = {{"interactive", interactive}};
  if (plugin.provide_cluster_info) {
    MARVEL_TRY(spec["cluster"], cluster_info(cluster));
  }
  return json_text(
      {{"kind", "ExecCredential"}, {"apiVersion", plugin.api_version}, {"spec", spec}});
}

// Whether a plugin may ask somebody. One that must, and cannot, would wait for nobody.
Result<bool> may_ask(const ExecPlugin& plugin, bool interactive) {
  const std::string& mode = plugin.interactive_mode;
  if (mode == "Always" && !interactive) {
    return fail({Errc::kInput,
                 "the login program '" + plugin.command +
                     "' has to ask somebody (interactiveMode: Always), and standard input is no "
                     "terminal",
                 "run this on a terminal, or log in by a token",
                 {},
                 "unauthorized"});
  }
  if (!mode.empty() && mode != "Always" && mode != "IfAvailable" && mode != "Never") {
    return fail({Errc::kInput,
                 "the login program '" + plugin.command + "' has interactiveMode '" + mode + "'",
                 "Never, IfAvailable and Always are understood",
                 {},
                 "kubeconfig_invalid"});
  }
  return interactive && mode != "Never";
}

bool known_version(const std::string& version) {
  return version == "client.authentication.k8s.io/v1" ||
         version == "client.authentication.k8s.io/v1beta1";
}

}  // namespace

Result<PluginCredential> parse_exec_credential(const std::string& output,
                                               const std::string& command) {
  const auto refuse = [&command](const char* why) {
    return fail({Errc::kInput,
                 "the login program '" + command + "' answered " + why,
                 "run it by hand to see what is wrong",
                 {},
                 "unauthorized"});
  };
  const auto answer = parse_json(output, "its output");
  if (!answer || text(*answer, {"kind"}) != "ExecCredential") {
    return refuse("with something that is no ExecCredential");
  }
  PluginCredential credential{
      text(*answer, {"status", "token"}), text(*answer, {"status", "clientCertificateData"}),
      text(*answer, {"status", "clientKeyData"}), text(*answer, {"status", "expirationTimestamp"})};
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return refuse("without a token or a certificate");
  }
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return refuse("with half of a certificate and key");
  }
  return credential;
}

bool somebody_types() {
  return ::isatty(STDIN_FILENO) == 1;
}

Credentials::Credentials(Access access, const StopFlag& stop, bool interactive)
    : access_(std::move(access)), stop_(stop), interactive_(interactive) {}

Result<PluginCredential> Credentials::current(const ExecPlugin& plugin) {
  if (credential_ && (credential_->expires.empty() || credential_->expires > now_text())) {
    return *credential_;
  }
  MARVEL_TRY(PluginCredential fresh, ask(plugin));
  credential_ = fresh;
  ++generation_;
  return fresh;
}

Result<PluginCredential> Credentials::ask(const ExecPlugin& plugin) const {
  if (!known_version(plugin.api_version)) {
    return fail({Errc::kInput,
                 "the login program '" + plugin.command + "' speaks '" + plugin.api_version + "'",
                 "client.authentication.k8s.io/v1 and v1beta1 are understood",
                 {},
                 "kubeconfig_invalid"});
  }
  MARVEL_TRY(const bool asks, may_ask(plugin, interactive_));
  MARVEL_TRY(std::string info, exec_info(plugin, access_.cluster, asks));
  Program program{plugin.command, plugin.arguments, plugin.environment};
  program.extra_environment.emplace_back("KUBERNETES_EXEC_INFO", std::move(info));
  if (asks) {
    program.own_input = true;
    program.limit = kPatienceForPeople;
  }
  auto output = run_program_for_output(program, stop_);
  if (!output) {
    Error error = std::move(output).error();
    error.hint = plugin.install_hint;
    error.context.emplace_back("logging in to " + access_.cluster.server);
    return fail(std::move(error));
  }
  return parse_exec_credential(*output, plugin.command);
}

Result<Identity> Credentials::identity() {
  const User& user = access_.user;
  Identity identity{{}, user.certificate_file, user.certificate_pem, user.key_file, user.key_pem,
                    0};
  std::string token = user.token;
  if (!user.token_file.empty()) {
    MARVEL_TRY(const std::string content, read_file(user.token_file));
    token = trim(content);
  }
  if (user.exec) {
    const std::lock_guard lock(mutex_);
    MARVEL_TRY(const PluginCredential credential, current(*user.exec));
    token = credential.token.empty() ? token : credential.token;
    if (!credential.certificate_pem.empty()) {
      identity.certificate_file.clear();
      identity.key_file.clear();
      identity.certificate_pem = credential.certificate_pem;
      identity.key_pem = credential.key_pem;
    }
    identity.generation = generation_;
  }
  if (!token.empty()) {
    identity.headers.emplace_back("Authorization", "Bearer " + token);
  } else if (!user.name.empty()) {
    identity.headers.emplace_back("Authorization",
                                  "Basic " + base64_encode(user.name + ":" + user.password));
  }
  impersonate(user, identity);
  return identity;
}

bool Credentials::refused(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (!access_.user.exec) {
    return false;
  }
  if (generation == generation_) {
    credential_.reset();
  }
  return true;
}

}  // namespace marvel::kube
