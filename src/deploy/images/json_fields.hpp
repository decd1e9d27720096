#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy::images {

// Reading documents of other people. Nothing here throws: a field that is missing or of another
// type reads as empty, so that one check at the end says what is wrong. Paths are one step long:
//
//   text_of(member(document, "config"), "digest")
using Json = nlohmann::json;

// kInput for what is no JSON or nested deeper than 64 levels, which is looked for before anything
// is parsed; `what` names it in the message. The caller bounds the size.
Result<Json> parse_json(std::string_view text, const std::string& what);

// The member `key` of an object, or a null value, which lives for ever. The other lives as long as
// `object`.
const Json& member(const Json& object, const char* key);
std::string text_of(const Json& object, const char* key);
// Nothing for negative numbers and for those with a fraction, too.
std::optional<std::uint64_t> number_of(const Json& object, const char* key);
// The texts of a list; other items are left out.
std::vector<std::string> texts_of(const Json& object, const char* key);

}  // namespace marvel::deploy::images
