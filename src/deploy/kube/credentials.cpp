#include "deploy/kube/credentials.hpp"

#include "base/base64.hpp"
#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"

#include <ctime>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using nlohmann::json;

// Texts of RFC 3339 in UTC sort like the times they name.
std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
  return text;
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
    identity.headers.emplace_back("Impersonate-Extra-" + key, value);
  }
}

// KUBERNETES_EXEC_INFO of the plugin protocol.
std::string exec_info(const ExecPlugin& plugin, const Cluster& cluster) {
  json spec = {{"interactive", false}};
  if (plugin.provide_cluster_info) {
    spec["cluster"] = {{"server", cluster.server}};
    if (!cluster.tls_server_name.empty()) {
      spec["cluster"]["tls-server-name"] = cluster.tls_server_name;
    }
    if (cluster.insecure) {
      spec["cluster"]["insecure-skip-tls-verify"] = true;
    }
    if (!cluster.ca_pem.empty()) {
      spec["cluster"]["certificate-authority-data"] = base64_encode(cluster.ca_pem);
    }
  }
  return json_text(
      {{"kind", "ExecCredential"}, {"apiVersion", plugin.api_version}, {"spec", spec}});
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

Credentials::Credentials(Access access, const StopFlag& stop)
    : access_(std::move(access)), stop_(stop) {}

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
  Program program{plugin.command, plugin.arguments, plugin.environment};
  program.extra_environment.emplace_back("KUBERNETES_EXEC_INFO",
                                         exec_info(plugin, access_.cluster));
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
