#include "deploy/images/credentials.hpp"

#include "base/base64.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "deploy/images/json_fields.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>
#include <spawn.h>

namespace marvel::deploy::images {
namespace {

constexpr std::size_t kMostAnswer = std::size_t{64} << 10;

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

// The child's two pipes and itself, closed and waited for whatever happens.
class Helper {
 public:
  Helper() = default;
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() {
    for (const int end : {input_[0], input_[1], output_[0], output_[1]}) {
      if (end >= 0) {
        ::close(end);
      }
    }
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  bool start(const std::string& program) {
    // A socket for its input: a helper that is gone before it reads must not cost us a SIGPIPE.
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input_.data()) != 0 ||
        ::pipe2(output_.data(), O_CLOEXEC) != 0) {
      return false;
    }
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input_[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output_[1], STDOUT_FILENO);
    std::string name = program;
    std::string verb = "get";
    const std::array<char*, 3> words{name.data(), verb.data(), nullptr};
    const int failed =
        ::posix_spawnp(&pid_, name.c_str(), &actions, nullptr, words.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    pid_ = failed == 0 ? pid_ : -1;
    close_end(input_[0]);
    close_end(output_[1]);
    return failed == 0;
  }

  // Its answer, within 30 s; nothing when it fails.
  std::optional<std::string> ask(const std::string& question) {
    const auto written = ::send(input_[1], question.data(), question.size(), MSG_NOSIGNAL);
    close_end(input_[1]);
    std::string answer;
    std::array<char, 4096> buffer{};
    for (;;) {
      pollfd wanted{output_[0], POLLIN, 0};
      const bool ready = ::poll(&wanted, 1, 30'000) > 0;
      const auto count = ready ? ::read(output_[0], buffer.data(), buffer.size()) : -1;
      if (count < 0 || answer.size() > kMostAnswer) {
        return std::nullopt;
      }
      if (count == 0) {
        break;
      }
      answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    const bool good = written == static_cast<ssize_t>(question.size()) && WIFEXITED(status) &&
                      WEXITSTATUS(status) == 0;
    return good ? std::optional(answer) : std::nullopt;
  }

 private:
  static void close_end(int& end) {
    ::close(end);
    end = -1;
  }

  std::array<int, 2> input_{-1, -1};
  std::array<int, 2> output_{-1, -1};
  pid_t pid_ = -1;
};

// The protocol of docker-credential-helpers: the registry on standard input, JSON as the answer.
Result<std::optional<Credential>> ask_helper(const std::string& helper,
                                             const std::string& registry) {
  const std::string program = "docker-credential-" + helper;
  Helper child;
  if (!is_program_word(helper) || !child.start(program)) {
    return fail(Errc::kInput, "the credential helper '" + program + "' cannot be started",
                "install it, or take it out of Docker's config.json");
  }
  const std::string key = registry == "docker.io" ? "https://index.docker.io/v1/" : registry;
  const auto answer = child.ask(key);
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
