#pragma once

#include "regex/syntax.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace marvel::regex {

// ASCII letters in lower case; other bytes as they are.
constexpr char folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Whether `c`, folded, is so frequent in logs and prose that it tells little.
constexpr bool is_common(char c) {
  return std::string_view("etaoinsrhld ").find(c) != std::string_view::npos;
}

// Text that no match can do without: every match of the pattern holds at least one of the literals,
// in some case of its letters. They are folded and hold no line end; the most useful ones that are
// found quickly: long, few, of rare letters. Empty when nothing is known. Linear in the tree.
//   "(Googlebot|bingbot)/[0-9]+"  gives "bingbot/" and "googlebot/"
//   "(?i)SIREN"                   gives "siren"
//   "foo|[0-9]+"                  gives nothing: a match may do without "foo"
// Classes of up to four characters count as these characters, so "[ab]c" gives "ac" and "bc". A
// literal is at most 64 bytes long. The verdict is the automaton's alone: a line with such text
// need not match, and only one without it is passed over.
std::vector<std::string> required_literals(const Tree& tree);

}  // namespace marvel::regex
