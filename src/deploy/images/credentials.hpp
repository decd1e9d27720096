#pragma once

#include "base/env.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace marvel::deploy::images {

struct Credential {
  std::string user;
  std::string password;
};

// Where `docker login` and its like keep credentials: $REGISTRY_AUTH_FILE, else config.json in
// $DOCKER_CONFIG, else in ~/.docker. Empty without a home folder.
std::filesystem::path credentials_file(const Environment& environment);

// What the file's text says about `registry` ("host" or "host:port"): the entry of "auths", or the
// name of the helper program that knows ("credHelpers", "credsStore").
struct StoredCredential {
  std::optional<Credential> credential;
  std::string helper;  // the program is docker-credential-<helper>
};
Result<StoredCredential> read_credentials(std::string_view text, const std::string& registry,
                                          const std::string& file);

// The credential for `registry` out of that file, if there is one: nothing when the file or the
// entry is missing. Runs the helper program where the file names one; its answer is never shown.
Result<std::optional<Credential>> find_credential(const Environment& environment,
                                                  const std::string& registry);

}  // namespace marvel::deploy::images
