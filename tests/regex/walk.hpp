#pragma once

#include "regex/dfa.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace marvel::test {

// The numbers of the lines of `text` that `dfa` marks, walked in the plainest way.
inline std::vector<std::size_t> marked_lines(const regex::Dfa& dfa, std::string_view text) {
  std::vector<std::size_t> lines;
  std::size_t number = 0;
  std::uint32_t state = regex::Dfa::kStart;
  for (const char c : text) {
    state = dfa.next[state + dfa.class_of[static_cast<std::uint8_t>(c)]];
    if (state == dfa.hit()) {
      lines.push_back(number);
    }
    number += c == '\n' ? 1 : 0;
  }
  return lines;
}

}  // namespace marvel::test
