#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Variables in text, with the grammar of Python's string.Template: $name and ${name}, where a name
// is [_a-zA-Z][_a-zA-Z0-9]*. Everything else that begins with '$' is left alone, and so is a name
// that nobody knows: ${HOSTNAME##*-}, $1, $(date), $((1 + 2)). Templates hold shell scripts and
// files of web servers, so what is not surely a variable must stay as it is.
//
// Pure functions, linear in the text but for what the values add; nothing in a text is an error.

enum class Dollars {
  // "$$", a shell's process id, stays. It protects nothing: "$$NAME" is a '$' and then $NAME.
  kKeep,
  kEscape,  // "$$" becomes "$", as string.Template has it
};

// The value of a variable; nothing leaves the text as it is. Called once for each place, from the
// beginning of the text to its end.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

// Python's string.Template(text).safe_substitute(values) when `dollars` is kEscape. What a value
// holds is not looked at again, so no value can name another variable or grow without end.
//   substitute("$NAME.svc ${NAME}X $$", lookup, Dollars::kKeep)   // "kafka.svc kafkaX $$"
std::string substitute(std::string_view text, const Lookup& lookup, Dollars dollars);

// One $name or ${name}, known to anybody or not; with kEscape, none inside "$$name". They are
// found in the order of the text and do not overlap.
struct Reference {
  std::string name;
  std::size_t offset = 0;  // of the '$'
  std::size_t size = 0;    // with '$' and braces
};
std::vector<Reference> references(std::string_view text, Dollars dollars);

}  // namespace marvel::deploy
