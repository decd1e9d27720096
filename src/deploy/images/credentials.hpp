#pragma once

#include "base/env.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace marvel::deploy::images {

// User name and password for one registry. Never shown in a message.
struct Credential {
  std::string user;
  std::string password;
};

// Where `docker login` and its like keep credentials: $REGISTRY_AUTH_FILE, else config.json in
// $DOCKER_CONFIG, else in ~/.docker. Empty without a home folder. The file need not be there.
std::filesystem::path credentials_file(const Environment& environment);

// What the file's text says about `repository` of `registry` ("host" or "host:port"): the helper
// program that "credHelpers" names for the registry, else the entry of "auths", else the helper
// that "credsStore" names for all registries. At most one of the two fields is set. Keys of "auths"
// are registries or, as podman writes them, the beginning of a repository, which then are for
// nothing else; the longest that fits is taken. An empty `repository` is the registry as a whole.
// Docker Hub, "docker.io" here, is found by its old URL too:
//   {"auths": {"host:5000": {"auth": "<base64 of user:password>"}, "host:5000/team": {...}},
//    "credHelpers": {"other.example": "ecr-login"}, "credsStore": "pass"}
struct StoredCredential {
  std::optional<Credential> credential;
  std::string helper;  // the program is docker-credential-<helper>
};
// kInput for what is no JSON; `file` names it, and nothing of its content is told.
Result<StoredCredential> read_credentials(std::string_view text, const std::string& registry,
                                          const std::string& repository, const std::string& file);

// The credential out of that file, if there is one: nothing when the file or the entry is missing.
// Runs the helper program where the file names one, for 30 s at most; its answer
// is never shown. A helper that fails knows nothing, which is how helpers say it. kInput when the
// file or the helper's answer is damaged or the helper cannot be started; kUnsupported for an
// identity token, which stands for a user in a protocol that is not spoken here.
Result<std::optional<Credential>> find_credential(const Environment& environment,
                                                  const std::string& registry,
                                                  const std::string& repository);

}  // namespace marvel::deploy::images
