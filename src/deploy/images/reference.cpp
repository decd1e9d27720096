#include "deploy/images/reference.hpp"

#include "base/text.hpp"
#include "net/url.hpp"

#include <algorithm>

namespace marvel::deploy::images {
namespace {

constexpr const char* kDockerHub = "docker.io";

bool is_lower_alnum(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_word(char letter) {
  return is_lower_alnum(letter) || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

// One part of a repository: small letters and digits, with ".", "_", "__" or dashes between.
bool is_component(std::string_view text) {
  if (text.empty() || !is_lower_alnum(text.front()) || !is_lower_alnum(text.back())) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separator = text[i] == '.' || text[i] == '_' || text[i] == '-';
    if (!separator && !is_lower_alnum(text[i])) {
      return false;
    }
    if (separator && !is_lower_alnum(text[i - 1])) {
      const bool allowed = text[i] == text[i - 1] &&
                           (text[i] == '-' || (text[i] == '_' && is_lower_alnum(text[i - 2])));
      if (!allowed) {
        return false;
      }
    }
  }
  return true;
}

bool is_registry(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != text.npos;
}

tl::unexpected<Error> bad(std::string_view text, const std::string& why) {
  return fail(Errc::kInput, "'" + std::string(text.substr(0, 300)) + "' names no image: " + why,
              "write [REGISTRY/]REPOSITORY[:TAG][@DIGEST]");
}

// Takes "REGISTRY/" off `rest`, or the registry that is meant without one.
void take_registry(std::string_view& rest, const std::string& default_registry,
                   Reference& reference) {
  const auto slash = rest.find('/');
  if (slash != rest.npos && is_registry(rest.substr(0, slash))) {
    reference.registry = std::string(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
    return;
  }
  reference.registry = default_registry.empty() ? kDockerHub : default_registry;
}

}  // namespace

std::string Reference::version() const {
  return !digest.empty() ? digest : tag.empty() ? "latest" : tag;
}

std::string Reference::text() const {
  std::string all = registry;
  all += repository.empty() ? "" : "/" + repository;
  all += tag.empty() ? "" : ":" + tag;
  all += digest.empty() ? "" : "@" + digest;
  return all;
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  return text.size() == kPrefix.size() + 64 && text.starts_with(kPrefix) &&
         text.find_first_not_of("0123456789abcdef", kPrefix.size()) == text.npos;
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char letter) { return is_word(letter) || letter == '.' || letter == '-'; });
}

bool is_repository(std::string_view text) {
  const auto parts = split(text, '/');
  return text.size() <= 255 && std::all_of(parts.begin(), parts.end(), is_component);
}

Result<Reference> parse_reference(std::string_view text, const std::string& default_registry) {
  Reference reference;
  std::string_view rest = text;
  if (const auto at = rest.find('@'); at != rest.npos) {
    reference.digest = std::string(rest.substr(at + 1));
    rest = rest.substr(0, at);
    if (!is_digest(reference.digest)) {
      return bad(text, "what follows '@' is no sha256 digest");
    }
  }
  take_registry(rest, default_registry, reference);
  if (const auto host = net::parse_url("https://" + reference.registry);
      !host || host->target() != "/") {
    return bad(text, "'" + reference.registry.substr(0, 200) + "' is no host");
  }
  if (const auto colon = rest.find(':'); colon != rest.npos) {
    reference.tag = std::string(rest.substr(colon + 1));
    rest = rest.substr(0, colon);
    if (!is_tag(reference.tag)) {
      return bad(text, "'" + reference.tag.substr(0, 200) + "' is no tag");
    }
  }
  reference.repository = std::string(rest);
  if (reference.registry == kDockerHub && rest.find('/') == rest.npos) {
    reference.repository = "library/" + reference.repository;
  }
  if (!is_repository(rest)) {
    return bad(text, rest.empty() ? "the repository is missing"
                                  : "a repository is made of small letters, digits, '.', '_', '-' "
                                    "and '/'");
  }
  return reference;
}

Result<Reference> parse_place(std::string_view text, const std::string& default_registry) {
  Reference place;
  std::string_view rest = text;
  if (rest.find('/') == rest.npos && is_registry(rest)) {
    place.registry = std::string(rest);
    return place;
  }
  if (rest.empty() && !default_registry.empty()) {
    place.registry = default_registry;
    return place;
  }
  if (rest.ends_with('/')) {
    rest.remove_suffix(1);
    if (rest.find('/') != rest.npos) {
      return parse_place(rest, default_registry);
    }
    place.registry = std::string(rest);
    return place;
  }
  MARVEL_TRY(place, parse_reference(rest, default_registry));
  if (!place.tag.empty() || !place.digest.empty()) {
    return bad(text, "a tag or digest is one image; 'inspect' shows it");
  }
  return place;
}

}  // namespace marvel::deploy::images
