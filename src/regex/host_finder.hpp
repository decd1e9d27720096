#pragma once

#include "regex/line_finder.hpp"
#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace marvel::regex {

// Decides block by block whether a filter is worth its while: where a good part of the text are
// candidate lines, walking over all of it with four streams is the faster way. Logs change, so the
// filter is tried again after some blocks.
class FilterRest {
 public:
  // Whether the filter rests for the block that comes now.
  bool is_over() {
    if (left_ > 0) {
      --left_;
      return false;
    }
    return true;
  }
  // The filter let `looked_at` of `size` bytes pass.
  void note(std::size_t looked_at, std::size_t size) { left_ = looked_at > size / 5 ? kBlocks : 0; }

 private:
  static constexpr int kBlocks = 31;
  int left_ = 0;
};

// Adds the offsets `more` to `ends`; both rise, and so does the result, in which each stands once.
void merge_ends(std::vector<std::uint32_t>& ends, const std::vector<std::uint32_t>& more);

// Finds the lines of a block that hold a match of any pattern of a set, on the CPU. One per thread.
class HostFinder {
 public:
  // `set` must outlive this. `memory_limit` in bytes, for automata.
  HostFinder(const PatternSet& set, std::size_t memory_limit);

  // As LineFinder::find.
  void find(std::string_view text, std::vector<std::uint32_t>& ends);

 private:
  struct Part {
    LineFinder finder;
    const QgramFilter* filter = nullptr;
    FilterRest rest;
  };
  static void find(Part& part, std::string_view text, std::vector<std::uint32_t>& ends);

  std::vector<Part> parts_;
  std::vector<std::uint32_t> more_;
};

}  // namespace marvel::regex
