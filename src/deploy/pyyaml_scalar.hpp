#pragma once

#include "deploy/yaml.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace marvel::deploy {

// How PyYAML 6 sees and writes single values. Internal to karvdash.cpp.

// Whether plain `text` is a date with a time of day.
bool is_time(std::string_view text);

// Whether text without quotes is read back as text.
bool reads_as_text(std::string_view text);

// The text of a scalar that is no text for PyYAML (a number, a date, null); nothing for one that
// is.
std::optional<std::string> typed_text(const Node& node);

// UTF-8 as code points.
std::u32string decode(std::string_view text);

// Which forms a text may have, as far as its letters say.
struct Allowed {
  bool plain = true;
  bool single_quotes = true;
  bool several_lines = false;
};
Allowed analyse(const std::u32string& text);

}  // namespace marvel::deploy
