#pragma once

#include "regex/lazy_dfa.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Finds the lines of a block of text that hold a match. One per thread; they share the program.
class LineFinder {
 public:
  // `program` must outlive this; `memory_limit` in bytes, for the automaton's states.
  LineFinder(const Program& program, std::size_t memory_limit) : dfa_(program, memory_limit) {}

  // `text` consists of whole lines, so it is empty or ends with '\n', and is below 4 GiB. Fills
  // `ends` with the offsets of the line ends of the lines that match, in rising order.
  void find(std::string_view text, std::vector<std::uint32_t>& ends);

  [[nodiscard]] const LazyDfa& dfa() const { return dfa_; }

 private:
  LazyDfa dfa_;
};

}  // namespace marvel::regex
