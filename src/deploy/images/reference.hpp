#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace marvel::deploy::images {

// Where an image is: "[REGISTRY/]REPOSITORY[:TAG][@DIGEST]". The first part is a registry when it
// holds "." or ":" or is "localhost"; otherwise the image is docker.io's, as for every container
// engine, and "nginx" is "docker.io/library/nginx".
struct Reference {
  std::string registry;  // "host" or "host:port"
  std::string repository;
  std::string tag;     // empty when there is none or only a digest
  std::string digest;  // "sha256:<64 hexadecimal digits>", or empty

  // The tag or, where there is one, the digest; "latest" where there is neither.
  [[nodiscard]] std::string version() const;
  // With registry, and with what was given of tag and digest.
  [[nodiscard]] std::string text() const;
};

// `default_registry` is used in place of docker.io when it is not empty. kInput says what is wrong.
Result<Reference> parse_reference(std::string_view text, const std::string& default_registry = {});

// A registry alone or with a repository, as `ls` takes it: "host[:port][/REPOSITORY]"; the
// repository is empty when there is none.
Result<Reference> parse_place(std::string_view text, const std::string& default_registry = {});

bool is_digest(std::string_view text);
bool is_tag(std::string_view text);
bool is_repository(std::string_view text);

}  // namespace marvel::deploy::images
