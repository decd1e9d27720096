#pragma once

#include "regex/code_set.hpp"

#include <optional>
#include <string>

namespace marvel::regex {

// What Unicode says of code points; from libunistring, the only place that knows it.

// The code points of a general category ("L", "Lu"), a script ("Greek"), or "Any". Names are
// spelled exactly so: "greek" is none; one of one or two letters is taken for a category. Nothing
// when there is no such name. Every code point is asked, which takes some milliseconds the first
// time; then the set is remembered until the program ends. Threads may call it.
std::optional<CodeSet> unicode_property(const std::string& name);

// `set` and all code points that differ from a member by simple case folding only: of k those are K
// and the Kelvin sign. The dotted and the dotless i of Turkish have no other case. Threads may call
// it; the first call makes a table.
CodeSet fold_unicode_case(const CodeSet& set);

}  // namespace marvel::regex
