#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// Variables in text, with the grammar of Python's string.Template: $name and ${name}, where a name
// is [_a-zA-Z][_a-zA-Z0-9]*. Everything else that begins with '$' is left alone, and so is a name
// that nobody knows: ${HOSTNAME##*-}, $1, $(date), $((1 + 2)).

enum class Dollars {
  kKeep,    // "$$", a shell's process id, stays
  kEscape,  // "$$" becomes "$", as string.Template has it
};

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

// Python's string.Template(text).safe_substitute(values) when `dollars` is kEscape. What a value
// holds is not looked at again.
std::string substitute(std::string_view text, const Lookup& lookup, Dollars dollars);

// One $name or ${name}; with kEscape, none inside "$$name".
struct Reference {
  std::string name;
  std::size_t offset = 0;  // of the '$'
  std::size_t size = 0;
};
std::vector<Reference> references(std::string_view text, Dollars dollars);

}  // namespace marvel::deploy
