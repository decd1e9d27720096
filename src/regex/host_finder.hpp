#pragma once

#include "regex/line_finder.hpp"
#include "regex/pattern.hpp"
#include "regex/qgram_scan.hpp"
#include "regex/race.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Adds the offsets `more` to `ends`; both rise, and so does the result, in which each stands once.
// Two parts of a set may have found the same line.
void merge_ends(std::vector<std::uint32_t>& ends, const std::vector<std::uint32_t>& more);

// Finds the lines of a block that hold a match of any pattern of a set, on the CPU. One per thread.
//
// Two races (see race.hpp) choose how, block by block. Within a part with a filter: to look for the
// required texts and walk only their lines, or to walk all lines. Between the parts: to search for
// each by itself, or to walk once with all patterns. A block is searched by one way only, and all
// ways find the same lines.
class HostFinder {
 public:
  // `set` and `stop` must outlive this. `memory_limit` in bytes, for automata; each of them gets an
  // equal share of it, and there is one per part and, with several parts, one for the whole set.
  // Once `stop` is raised, find() returns soon and what it found is worth nothing.
  HostFinder(const PatternSet& set, std::size_t memory_limit, const StopFlag* stop = nullptr);

  // As LineFinder::find. The automata keep their states, so the first blocks are slower than the
  // rest.
  void find(std::string_view text, std::vector<std::uint32_t>& ends);

 private:
  struct Part {
    LineFinder finder;
    std::optional<QgramScan> scan;  // when the part has a filter
    Race race;                      // between the filter and a walk over all text
  };
  static void find(Part& part, std::string_view text, std::vector<std::uint32_t>& ends);
  void find_in_parts(std::string_view text, std::vector<std::uint32_t>& ends);

  std::vector<Part> parts_;
  std::optional<LineFinder> whole_;  // all patterns in one walk, when there are several parts
  Race race_;                        // between the parts and the whole
  std::vector<std::uint32_t> more_;
};

}  // namespace marvel::regex
