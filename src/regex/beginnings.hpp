#pragma once

#include "regex/closure.hpp"
#include "regex/program.hpp"

#include <cstdint>
#include <vector>

namespace marvel::regex {

// What all patterns, beginning at one position, do with the byte after it.
struct Beginning {
  bool known = false;
  std::vector<std::uint32_t> matches;  // patterns that match the empty string there, rising
  std::vector<std::uint32_t> targets;  // instructions behind the byte, rising
};

// A match may begin anywhere, so an automaton over thousands of patterns would begin all of them
// at each position. What comes of that depends only on the side before and the byte's class, so
// it is computed once for each pair. One thread at a time.
class Beginnings {
 public:
  explicit Beginnings(const Program& program);

  const Beginning& at(Side before, std::uint32_t cls);

 private:
  const Program& program_;
  Closure here_;
  std::vector<Beginning> known_;  // [side][class]
};

}  // namespace marvel::regex
