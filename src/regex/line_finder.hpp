#pragma once

#include "base/stop.hpp"
#include "regex/lazy_dfa.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Gives the first place at or behind `from` that is worth a look, or the text's size or more.
using NextPlace = std::function<std::size_t(std::size_t from)>;

// Finds the lines of a block of text that hold a match, by walking an automaton over it. One per
// thread; they share the program.
//
// `text` consists of whole lines, so it is empty or ends with '\n', and is below 4 GiB. `ends` is
// filled with the offsets of the line ends of the lines that match, in rising order.
class LineFinder {
 public:
  // `program` and `stop` must outlive this; `memory_limit` in bytes, for the automaton's states.
  // Once `stop` is raised, searches end where they would have to make a state, and what they found
  // is worth nothing.
  LineFinder(const Program& program, std::size_t memory_limit, const StopFlag* stop = nullptr)
      : dfa_(program, memory_limit), stop_(stop) {}

  // Looks at all lines.
  void find(std::string_view text, std::vector<std::uint32_t>& ends);

  // Looks only at lines that hold a place which `next` gives.
  void find_among(std::string_view text, const NextPlace& next, std::vector<std::uint32_t>& ends);

  [[nodiscard]] const LazyDfa& dfa() const { return dfa_; }

 private:
  LazyDfa dfa_;
  const StopFlag* stop_;
};

}  // namespace marvel::regex
