#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace marvel::deploy::images {

// Where an image is: "[REGISTRY/]REPOSITORY[:TAG][@DIGEST]". The first part is a registry when it
// holds "." or ":" or is "localhost"; otherwise the image is docker.io's, as for every container
// engine:
//   nginx                      registry docker.io, repository library/nginx, version latest
//   grn/sed:1.2                registry docker.io, repository grn/sed, version 1.2
//   host:5000/sed:1.2@sha256:  registry host:5000; the digest is the version, the tag for people
struct Reference {
  std::string registry;  // "host" or "host:port"
  // Without the registry: "grn/sed".
  std::string repository;
  std::string tag;     // empty when there is none or only a digest
  std::string digest;  // "sha256:<64 hexadecimal digits>", or empty

  // The tag or, where there is one, the digest; "latest" where there is neither. It is what
  // Registry asks for.
  [[nodiscard]] std::string version() const;
  // With registry, and with what was given of tag and digest.
  [[nodiscard]] std::string text() const;
};

// `default_registry` is used in place of docker.io when it is not empty. kInput says what is wrong.
// Asks nobody: whether the image is there is another matter.
Result<Reference> parse_reference(std::string_view text, const std::string& default_registry = {});

// A registry alone or with a repository, as `marvel deploy images list` takes it:
// "host[:port][/REPOSITORY]"; the repository is empty when there is none. An empty text is
// `default_registry` alone. kInput for a tag or digest. Of a registry alone the host is not
// checked: the first request shows whether it is one.
Result<Reference> parse_place(std::string_view text, const std::string& default_registry = {});

// The parts of a reference by themselves. A digest is "sha256:" and 64 small hexadecimal digits; a
// tag at most 128 letters, digits, "_", "." and "-", not beginning with the last two; a repository
// at most 255 bytes of small letters and digits in parts between "/", with ".", "_", "__" or dashes
// inside.
bool is_digest(std::string_view text);
bool is_tag(std::string_view text);
bool is_repository(std::string_view text);

}  // namespace marvel::deploy::images
