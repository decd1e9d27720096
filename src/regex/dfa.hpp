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
// `byte`. A walk that is in hit() has just passed the end of a line that matches; hit()'s row is a
// copy of kStart's, so the walk simply goes on. A state in which the line already matches loops
// until the line's end. So the inner loop needs a single comparison per byte:
//   std::uint32_t state = Dfa::kStart;
//   for (std::size_t at = 0; at < text.size(); ++at) {
//     state = dfa.next[state + dfa.class_of[byte_at(at)]];
//     if (state == dfa.hit()) { ... }  // `at` is the end of a line that matches
//   }
// The text ends with a line end, as a match is told there only. Unlike LazyDfa it never changes, so
// threads and devices may share it, but it may have exponentially many states; hence the limits
// below.
struct Dfa {
  static constexpr std::uint32_t kStart = 0;

  // Bytes that no state tells apart share a column. The line end is alone in its own.
  std::array<std::uint8_t, 256> class_of{};
  // Entries of a row, a power of two, and at least 2; columns beyond the classes are never read.
  std::uint32_t stride = 1;
  std::vector<std::uint32_t> next;

  // Only the line end leads there.
  [[nodiscard]] std::uint32_t hit() const { return stride; }  // the second row
  [[nodiscard]] std::uint32_t states() const {
    return static_cast<std::uint32_t>(next.size() / stride);
  }
  // Of the table, which is what a cache or a device has to hold.
  [[nodiscard]] std::size_t bytes() const { return next.size() * sizeof(next[0]); }
};

// The smallest automaton for all patterns of `program`; nothing when more than `most_states` are
// met on the way. Which pattern matched is not in it; LineMatcher tells.
//
// All states of a LazyDfa are made and the table is made small afterwards, so `most_states` bounds
// what is met and not what comes out, which may be far less. Time: states times classes times the
// patterns alive at once; making it small adds states times classes times the logarithm of the
// states (Hopcroft, An n log n algorithm for minimizing states in a finite automaton, 1971).
std::optional<Dfa> make_dfa(const Program& program, std::size_t most_states);

// The smallest automaton for what `a` or `b` matches; nothing beyond `most_states` on the way. Much
// cheaper than a new start from the patterns: two table look-ups per entry. At worst it has as many
// states as the two have pairs; all pairs in which one side is sure of its match count as one.
std::optional<Dfa> unite(const Dfa& a, const Dfa& b, std::size_t most_states);

}  // namespace marvel::regex
