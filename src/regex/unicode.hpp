#pragma once

#include "regex/code_set.hpp"

#include <optional>
#include <string>

namespace marvel::regex {

// What Unicode says of code points; from libunistring, the only place that knows it.

// The code points of a general category ("L", "Lu"), a script ("Greek"), or "Any". Nothing when
// there is no such name. Takes some milliseconds the first time. Threads may call it.
std::optional<CodeSet> unicode_property(const std::string& name);

// `set` and all code points that differ from a member by simple case folding only.
CodeSet fold_unicode_case(const CodeSet& set);

}  // namespace marvel::regex
