#pragma once

#include "regex/closure.hpp"
#include "regex/program.hpp"

#include <cstdint>
#include <vector>

namespace marvel::regex {

// What all patterns, beginning at one position, do with the byte after it.
struct Beginning {
  bool known = false;
  // Patterns that match the empty string there, in rising order, each once.
  std::vector<std::uint32_t> matches;
  // Instructions behind the byte, in rising order, each once.
  std::vector<std::uint32_t> targets;
};

// A match may begin anywhere, so an automaton over thousands of patterns would begin all of them at
// each position. What comes of that depends only on the side before and the byte's class, so it is
// computed once for each pair, and the states of the automata leave the beginnings out: a state of
// 10,000 patterns then holds only the few that have begun in earnest.
//
// LazyDfa and LineMatcher each own one. One thread at a time, as at() fills the table.
class Beginnings {
 public:
  // `program` must outlive this. Costs an empty entry for each side and class; nothing is computed
  // yet.
  explicit Beginnings(const Program& program);

  // The first call for a pair enters every pattern, so it takes as long as the program is large;
  // later ones are a look-up. The reference stays good as long as this does. `cls` is below
  // program.classes.
  const Beginning& at(Side before, std::uint32_t cls);

 private:
  const Program& program_;
  Closure here_;
  std::vector<Beginning> known_;  // [side][class]
};

}  // namespace marvel::regex
