#include "deploy/substitute.hpp"

#include <algorithm>

namespace marvel::deploy {
namespace {

bool begins_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9');
}

std::string_view name_at(std::string_view text) {
  if (text.empty() || !begins_name(text[0])) {
    return {};
  }
  const auto* end = std::find_if_not(text.begin(), text.end(), continues_name);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// The reference that begins at `offset`, where a '$' stands.
std::optional<Reference> reference_at(std::string_view text, std::size_t offset) {
  const std::string_view rest = text.substr(offset + 1);
  if (const auto name = name_at(rest); !name.empty()) {
    return Reference{std::string(name), offset, name.size() + 1};
  }
  if (!rest.empty() && rest[0] == '{') {
    const auto name = name_at(rest.substr(1));
    if (!name.empty() && name.size() + 1 < rest.size() && rest[name.size() + 1] == '}') {
      return Reference{std::string(name), offset, name.size() + 3};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string substitute(std::string_view text, const Lookup& lookup, Dollars dollars) {
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
    out += text.substr(done, at - done);
    done = at;
    const auto reference = reference_at(text, at);
    const auto value = reference ? lookup(reference->name) : std::nullopt;
    if (value) {
      out += *value;
      done = at + reference->size;
    } else if (dollars == Dollars::kEscape && text.substr(at).starts_with("$$")) {
      out += '$';
      done = at + 2;
    }
    at = std::max(done, at + 1);
  }
  return out += text.substr(done);
}

std::vector<Reference> references(std::string_view text, Dollars dollars) {
  std::vector<Reference> found;
  for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
    if (auto reference = reference_at(text, at)) {
      at += reference->size;
      found.push_back(std::move(*reference));
    } else {
      const bool escape = dollars == Dollars::kEscape && text.substr(at).starts_with("$$");
      at += escape ? 2 : 1;
    }
  }
  return found;
}

}  // namespace marvel::deploy
