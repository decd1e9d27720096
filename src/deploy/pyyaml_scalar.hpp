#pragma once

#include "deploy/yaml.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace marvel::deploy {

// How PyYAML 6 sees and writes single values. Internal to karvdash.cpp, which asks in this order:
// typed_text for what is no text, then analyse and reads_as_text for the quotes that text gets.
// plain_type (scalar.hpp) has the same rules for reading; here are the parts of PyYAML that JSON
// has no use for, such as dates, and its spelling of each value.

// Whether plain `text` is a date with a time of day, "2022-06-30 12:00:00": PyYAML makes an object
// of it that it writes in a form of its own, so karvdash.cpp refuses it. A date alone is none.
bool is_time(std::string_view text);

// Whether text without quotes is read back as text. Only its type is judged, not whether letters in
// it mean something to YAML: that is analyse()'s.
bool reads_as_text(std::string_view text);

// The text of a scalar that is no text for PyYAML (a number, a date, null), as PyYAML writes it
// back: "420" for 0644, "true" for yes, "1.0e+20" for 1.e+20. Decimal whole numbers of any length
// stay exact. Nothing for a scalar that is text.
std::optional<std::string> typed_text(const Node& node);

// UTF-8 as code points, which is what Python counts lines' lengths in. `text` must be UTF-8, as all
// text of read_yaml is; other bytes give unspecified letters.
std::u32string decode(std::string_view text);

// Which forms a text may have, as far as its letters say. Double quotes are always possible.
// Anything but printable ASCII and line feeds needs them: safe_dump writes ASCII only.
struct Allowed {
  bool plain = true;
  bool single_quotes = true;
  // It has line ends. Such text is in quotes, never a block.
  bool several_lines = false;
};
// Empty text gets the defaults: the caller sees by itself that it needs quotes.
Allowed analyse(const std::u32string& text);

}  // namespace marvel::deploy
