#include "deploy/kube/fields.hpp"

#include <nlohmann/json.hpp>

namespace marvel::kube {

using nlohmann::json;

const json& field(const json& object, Path path) {
  static const json kNull;
  const json* value = &object;
  for (const std::string_view name : path) {
    if (!value->is_object()) {
      return kNull;
    }
    const auto found = value->find(name);
    if (found == value->end()) {
      return kNull;
    }
    value = &*found;
  }
  return *value;
}

std::string text_of(const json& value) {
  const auto* string = value.get_ptr<const json::string_t*>();
  return string == nullptr ? std::string() : *string;
}

std::string text(const json& object, Path path) {
  return text_of(field(object, path));
}

std::int64_t whole(const json& object, Path path, std::int64_t fallback) {
  const json& value = field(object, path);
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return number <= INT64_MAX ? static_cast<std::int64_t>(number) : fallback;
  }
  return value.is_number_integer() ? value.get<std::int64_t>() : fallback;
}

bool flag(const json& object, Path path) {
  const json& value = field(object, path);
  return value.is_boolean() && value.get<bool>();
}

std::map<std::string, std::string> text_map(const json& object, Path path) {
  std::map<std::string, std::string> map;
  const json& value = field(object, path);
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      if (member.is_string()) {
        map.emplace(name, text_of(member));
      }
    }
  }
  return map;
}

}  // namespace marvel::kube
