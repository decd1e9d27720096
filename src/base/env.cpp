#include "base/env.hpp"

#include <string_view>

namespace marvel {

Environment::Environment(std::initializer_list<std::pair<const std::string, std::string>> variables)
    : variables_(variables) {}

Environment Environment::from_process(const char* const* entries) {
  Environment environment;
  for (; entries != nullptr && *entries != nullptr; ++entries) {
    const std::string_view entry = *entries;
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos) {
      environment.variables_.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
  }
  return environment;
}

std::optional<std::string> Environment::get(const std::string& name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end() || found->second.empty()) {
    return std::nullopt;
  }
  return found->second;
}

}  // namespace marvel
