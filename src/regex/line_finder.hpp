#pragma once

#include "regex/lazy_dfa.hpp"
#include "regex/qgram_filter.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Finds the lines of a block of text that hold a match. One per thread; they share the program.
//
// With a filter only the lines that hold a required literal are looked at by the automaton. Where
// that turns out to be a good part of the text, the filter rests for a while.
class LineFinder {
 public:
  // `program` and `filter`, if there is one, must outlive this; `memory_limit` in bytes, for the
  // automaton's states.
  LineFinder(const Program& program, const QgramFilter* filter, std::size_t memory_limit)
      : dfa_(program, memory_limit), filter_(filter) {}

  // `text` consists of whole lines, so it is empty or ends with '\n', and is below 4 GiB. Fills
  // `ends` with the offsets of the line ends of the lines that match, in rising order.
  void find(std::string_view text, std::vector<std::uint32_t>& ends);

  [[nodiscard]] const LazyDfa& dfa() const { return dfa_; }

 private:
  void walk(std::string_view text, std::vector<std::uint32_t>& ends);
  void filter(std::string_view text, std::vector<std::uint32_t>& ends);

  LazyDfa dfa_;
  const QgramFilter* filter_;
  int rest_ = 0;  // blocks for which the filter still rests
};

}  // namespace marvel::regex
