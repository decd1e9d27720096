#pragma once

#include "base/result.hpp"
#include "regex/pattern.hpp"

#include <string>
#include <string_view>

namespace marvel::regex {

// A compiled pattern set as bytes that can be kept in a file, with the complete automata that
// devices need. Layout: docs/formats/regex-database.md. The same set gives the same bytes.
std::string pack_set(const PatternSet& set);

// The set that pack_set was given. kInput when `bytes` are something else, of another version, or
// damaged; whatever they hold, the set can be searched for without harm. `name` is for messages.
Result<PatternSet> unpack_set(std::string_view bytes, const std::string& name);

// The same without the header with its checksum: for tests.
Result<PatternSet> unpack_body(std::string_view body, const std::string& name);

}  // namespace marvel::regex
