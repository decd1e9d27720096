#pragma once

#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::regex {

// How patterns that are searched for together are found.
struct PartPlan {
  std::size_t patterns = 0;
  std::size_t literals = 0;  // that the filter looks for; 0: no filter, all text is walked
  int gram = 0;              // bytes the filter hashes at a time
  int stride = 0;            // and from one time to the next
  std::size_t tables = 0;    // complete automata for OpenCL devices
  std::size_t table_bytes = 0;
};

struct PatternPlan {
  std::size_t part = 0;
  std::vector<std::string>
      literals;  // one of them is in every match, letters in lower case; may be empty
  std::optional<std::size_t> table;  // number of the automaton in its part; none: host only
  std::uint32_t table_states = 0;
};

struct Plan {
  std::vector<PartPlan> parts;
  std::vector<PatternPlan> patterns;
};

// What --explain shows. Makes the complete automata, so it takes as long as a device needs for it.
Plan explain(const PatternSet& set);

}  // namespace marvel::regex
