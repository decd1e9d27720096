#include "deploy/images/credentials.hpp"

#include "base/base64.hpp"
#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "deploy/images/json_fields.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <vector>

#include <nlohmann/json.hpp>

namespace marvel::deploy::images {
namespace {

// Keys of Docker's file are hosts, or URLs for Docker Hub.
bool names_registry(std::string key, const std::string& registry) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    key.erase(0, key.starts_with(scheme) ? scheme.size() : 0);
  }
  key.resize(std::min(key.find('/'), key.size()));
  const bool is_hub = key == "index.docker.io" || key == "registry-1.docker.io";
  return key == registry || (is_hub && registry == "docker.io");
}

std::optional<Credential> entry_of(const Json& entry) {
  if (const auto decoded = base64_decode(trim(text_of(entry, "auth")));
      decoded && !decoded->empty()) {
    const auto colon = decoded->find(':');
    if (colon != decoded->npos) {
      return Credential{decoded->substr(0, colon), decoded->substr(colon + 1)};
    }
  }
  const Credential plain{text_of(entry, "username"), text_of(entry, "password")};
  return plain.user.empty() ? std::nullopt : std::optional(plain);
}

bool is_program_word(const std::string& word) {
  return !word.empty() &&
         word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
}

// The protocol of docker-credential-helpers: the registry on standard input, JSON as the answer.
Result<std::optional<Credential>> ask_helper(const std::string& helper,
                                             const std::string& registry) {
  const std::string program = "docker-credential-" + helper;
  const std::string key = registry == "docker.io" ? "https://index.docker.io/v1/" : registry;
  Result<std::string> answer = fail(Errc::kInput, "no word for a program");
  if (is_program_word(helper)) {
    answer = run_program_for_output({program, {"get"}, {}, std::chrono::seconds(30)}, {}, key);
  }
  if (!answer && answer.error().code == Errc::kInput) {
    return fail(Errc::kInput, "the credential helper '" + program + "' cannot be started",
                "install it, or take it out of Docker's config.json");
  }
  if (!answer) {  // how helpers say that they know nothing
    return std::optional<Credential>();
  }
  MARVEL_TRY(const Json document, parse_json(*answer, "the answer of " + program));
  const Credential credential{text_of(document, "Username"), text_of(document, "Secret")};
  if (credential.user == "<token>") {
    return fail(Errc::kUnsupported,
                program + " keeps an identity token for " + registry + ", which marvel cannot use",
                "log in with user name and password");
  }
  return credential.user.empty() ? std::optional<Credential>() : std::optional(credential);
}

}  // namespace

std::filesystem::path credentials_file(const Environment& environment) {
  if (const auto named = environment.get("REGISTRY_AUTH_FILE")) {
    return *named;
  }
  if (const auto folder = environment.get("DOCKER_CONFIG")) {
    return std::filesystem::path(*folder) / "config.json";
  }
  const auto home = environment.get("HOME");
  return home ? std::filesystem::path(*home) / ".docker/config.json" : std::filesystem::path();
}

Result<StoredCredential> read_credentials(std::string_view text, const std::string& registry,
                                          const std::string& file) {
  MARVEL_TRY(const Json document, parse_json(text, "'" + file + "'"));
  StoredCredential stored;
  const Json& helpers = member(document, "credHelpers");
  stored.helper = text_of(helpers, registry.c_str());
  if (stored.helper.empty()) {
    stored.helper = text_of(document, "credsStore");
  }
  const Json& auths = member(document, "auths");
  for (auto entry = auths.begin(); auths.is_object() && entry != auths.end(); ++entry) {
    if (names_registry(entry.key(), registry) && !stored.credential) {
      stored.credential = entry_of(*entry);
    }
  }
  return stored;
}

Result<std::optional<Credential>> find_credential(const Environment& environment,
                                                  const std::string& registry) {
  const auto file = credentials_file(environment);
  std::error_code ignored;
  if (file.empty() || !std::filesystem::exists(file, ignored)) {
    return std::optional<Credential>();
  }
  MARVEL_TRY(const std::string text, read_file(file));
  MARVEL_TRY(const auto stored, read_credentials(text, registry, file.string()));
  if (!stored.credential && !stored.helper.empty()) {
    return ask_helper(stored.helper, registry);
  }
  return stored.credential;
}

}  // namespace marvel::deploy::images
