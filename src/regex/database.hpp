#pragma once

#include "base/result.hpp"
#include "regex/pattern.hpp"

#include <string>
#include <string_view>

namespace marvel::regex {

// A compiled pattern set as bytes that can be kept in a file, with the complete automata that
// devices need. Layout: docs/formats/regex-database.md. The same set gives the same bytes, on every
// machine.
//
// The automata are made here, within DfaLimits, unless the set came out of a database; that is what
// a database saves whoever searches on a device. For a search on the host it saves parsing only, as
// its states are made when the text needs them. How the patterns were read (--ignore-case, -w, -x)
// is in their automaton and cannot be changed later.
std::string pack_set(const PatternSet& set);

// The set that pack_set was given. kInput when `bytes` are something else, of another version, or
// damaged; whatever they hold, the set can be searched for without harm: every index is checked,
// and no list is longer than the file has bytes for it. What the checks cannot see is whether the
// automata, the required texts and the patterns' text belong together, so a forged file may find
// other lines than it says.
//
// `name` is for messages, usually the file's. `bytes` are not needed afterwards.
Result<PatternSet> unpack_set(std::string_view bytes, const std::string& name);

// The same without the header with its checksum: for tests, which damage bodies and want to get
// past the checksum.
Result<PatternSet> unpack_body(std::string_view body, const std::string& name);

}  // namespace marvel::regex
