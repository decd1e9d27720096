#pragma once

#include "regex/program.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace marvel::regex {

// A complete automaton that tells which lines hold a match: the table that OpenCL kernels walk.
//
// States are numbered by the offset of their row: next[state + class_of[byte]] is the state behind
// `byte`. A walk that is in kHit has just passed the end of a line that matches; kHit's row is a
// copy of kStart's, so the walk simply goes on. A state in which the line already matches loops
// until the line's end. So the inner loop needs a single comparison per byte.
struct Dfa {
  static constexpr std::uint32_t kStart = 0;

  std::array<std::uint8_t, 256> class_of{};
  std::uint32_t stride = 1;  // entries of a row, a power of two; at least 2
  std::vector<std::uint32_t> next;

  [[nodiscard]] std::uint32_t hit() const { return stride; }  // the second row
  [[nodiscard]] std::uint32_t states() const {
    return static_cast<std::uint32_t>(next.size() / stride);
  }
  [[nodiscard]] std::size_t bytes() const { return next.size() * sizeof(next[0]); }
};

// The smallest automaton for all patterns of `program`; nothing when more than `most_states` are
// met on the way. Time: states times classes times the patterns alive at once; making it small adds
// states times classes times the logarithm of the states (Hopcroft, An n log n algorithm for
// minimizing states in a finite automaton, 1971).
std::optional<Dfa> make_dfa(const Program& program, std::size_t most_states);

// The smallest automaton for what `a` or `b` matches; nothing beyond `most_states` on the way.
// Much cheaper than a new start from the patterns: two table look-ups per entry.
std::optional<Dfa> unite(const Dfa& a, const Dfa& b, std::size_t most_states);

}  // namespace marvel::regex
