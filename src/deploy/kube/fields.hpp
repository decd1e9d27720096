#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// Reading API objects. Servers and files may send anything, so none of these throws: what is absent
// or of another type reads as null, empty text, zero or an empty map. Absent and empty are the
// same, then, as they are for the API.
//
//   text(pod, {"status", "phase"})                      "Running"
//   whole(deployment, {"spec", "replicas"}, 1)          3
//   for (const json& owner : field(pod, {"metadata", "ownerReferences"})) ...

// Names of members, outermost first; lists are not walked into. A view of its arguments: never
// kept.
using Path = std::initializer_list<std::string_view>;

// The value at `path` below `object`, which lives as long as `object` does, or a null value that
// lives for ever. A null value has no items, so a loop over it does nothing.
const nlohmann::json& field(const nlohmann::json& object, Path path);
// The text that `value` is; numbers and truth values are no text.
std::string text_of(const nlohmann::json& value);
std::string text(const nlohmann::json& object, Path path);
// Numbers with a fraction and those outside 64 bits read as `fallback`, too.
std::int64_t whole(const nlohmann::json& object, Path path, std::int64_t fallback = 0);
// Whether it is there and true.
bool flag(const nlohmann::json& object, Path path);
// Members of a mapping whose values are texts; others are left out.
std::map<std::string, std::string> text_map(const nlohmann::json& object, Path path);

}  // namespace marvel::kube
