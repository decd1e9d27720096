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

// What a key of the file is for. Those that are URLs, as for Docker Hub, have the path of an API
// behind their host, others the beginning of a repository, or nothing.
struct Place {
  std::string host;
  std::string path;
};

Place place_of(std::string key) {
  bool is_url = false;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) {
      key.erase(0, scheme.size());
      is_url = true;
    }
  }
  const auto slash = std::min(key.find('/'), key.size());
  Place place{key.substr(0, slash), key.substr(std::min(slash + 1, key.size()))};
  if (place.host == "index.docker.io" || place.host == "registry-1.docker.io") {
    return {"docker.io", ""};
  }
  if (is_url) {
    place.path.clear();
  }
  return place;
}

bool begins(const std::string& repository, const std::string& path) {
  return path.empty() || repository == path || repository.starts_with(path + "/");
}

std::string helper_of(const Json& document, const std::string& registry) {
  const Json& helpers = member(document, "credHelpers");
  for (auto entry = helpers.begin(); helpers.is_object() && entry != helpers.end(); ++entry) {
    const Place place = place_of(entry.key());
    if (place.host == registry && place.path.empty()) {
      return text_of(helpers, entry.key().c_str());
    }
  }
  return {};
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
                                          const std::string& repository, const std::string& file) {
  MARVEL_TRY(const Json document, parse_json(text, "'" + file + "'"));
  StoredCredential stored;
  stored.helper = helper_of(document, registry);
  if (!stored.helper.empty()) {
    return stored;
  }
  std::size_t longest = 0;
  const Json& auths = member(document, "auths");
  for (auto entry = auths.begin(); auths.is_object() && entry != auths.end(); ++entry) {
    const Place place = place_of(entry.key());
    const bool is_better = !stored.credential || place.path.size() > longest;
    if (place.host != registry || !begins(repository, place.path) || !is_better) {
      continue;
    }
    if (auto credential = entry_of(*entry)) {
      stored.credential = std::move(credential);
      longest = place.path.size();
    }
  }
  if (!stored.credential) {
    stored.helper = text_of(document, "credsStore");
  }
  return stored;
}

Result<std::optional<Credential>> find_credential(const Environment& environment,
                                                  const std::string& registry,
                                                  const std::string& repository) {
  const auto file = credentials_file(environment);
  std::error_code ignored;
  if (file.empty() || !std::filesystem::exists(file, ignored)) {
    return std::optional<Credential>();
  }
  MARVEL_TRY(const std::string text, read_file(file));
  MARVEL_TRY(const auto stored, read_credentials(text, registry, repository, file.string()));
  return stored.helper.empty() ? stored.credential : ask_helper(stored.helper, registry);
}

}  // namespace marvel::deploy::images
