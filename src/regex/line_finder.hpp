#pragma once

#include "base/stop.hpp"
#include "regex/lazy_dfa.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Gives the first place at or behind `from` that is worth a look, or the text's size or more. It is
// asked with rising values of `from`, each the begin of a line.
using NextPlace = std::function<std::size_t(std::size_t from)>;

// Finds the lines of a block of text that hold a match, by walking an automaton over it. One per
// thread; they share the program. It keeps the states of one block for the next.
//
// `text` consists of whole lines, so it is empty or ends with '\n', and is below 4 GiB. `ends` is
// filled with the offsets of the line ends of the lines that match, in rising order; what was in it
// is dropped. In "no\nyes\n" with the pattern "y" that is {6}. Which pattern it was, and where, is
// asked of LineMatcher, for these lines only.
class LineFinder {
 public:
  // `program` and `stop` must outlive this; `memory_limit` in bytes, for the automaton's states.
  // Without `stop` every search goes to its end. Once `stop` is raised, searches end where they
  // would have to make a state, and what they found is worth nothing.
  LineFinder(const Program& program, std::size_t memory_limit, const StopFlag* stop = nullptr)
      : dfa_(program, memory_limit), stop_(stop) {}

  // Looks at all lines. Of 4 KiB and more four parts are walked in turns, which is worth a factor
  // of three: each step of a walk waits for memory, and so the waits overlap.
  void find(std::string_view text, std::vector<std::uint32_t>& ends);

  // Looks only at lines that hold a place which `next` gives, each from its begin to its end or to
  // where it is sure to match. The other lines count as lines without a match, so `next` may give
  // too many places and never too few.
  void find_among(std::string_view text, const NextPlace& next, std::vector<std::uint32_t>& ends);

  [[nodiscard]] const LazyDfa& dfa() const { return dfa_; }

 private:
  LazyDfa dfa_;
  const StopFlag* stop_;
};

}  // namespace marvel::regex
