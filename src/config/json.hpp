#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marvel {

// Writing JSON, and showing a JSON document in the other formats of --output. Reading documents
// into structs is the business of the module that owns the struct; here is what all of them hold
// documents from outside against.

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so a file name
// can never make a document unreadable.
std::string json_string(std::string_view text);

// {"name": value, ...} on one line; the values are JSON already (json_string, "true", "12").
std::string json_object(const std::vector<std::pair<std::string, std::string>>& members);

// The same document with line breaks and two blanks per level. kInternal when `json` is damaged,
// because every caller has just written it; the same for the two below.
Result<std::string> pretty_json(const std::string& json);
// As YAML, keys in the same order.
Result<std::string> yaml_from_json(const std::string& json);
// One "path<TAB>value" line per leaf for cut and awk: "epochs.0.loss<TAB>0.31". Lists of plain
// values are one leaf, joined by commas; null is an empty value; tabs and line ends in strings
// are written as \t and \n.
Result<std::string> plain_from_json(const std::string& json);

// Whether the brackets of `json` stand inside of each other by more than `levels`. nlohmann reads
// any depth, but works on what it has read by recursion, so this is asked before.
[[nodiscard]] bool nests_deeper(std::string_view json, int levels);

}  // namespace marvel
