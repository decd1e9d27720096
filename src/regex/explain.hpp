#pragma once

#include "regex/pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::regex {

// How patterns that are searched for together are found. A small or uniform set is one part; see
// PatternSet in pattern.hpp for when there are two.
struct PartPlan {
  std::size_t patterns = 0;
  std::size_t literals = 0;  // that the filter looks for; 0: no filter, all text is walked
  int gram = 0;              // bytes the filter hashes at a time
  int stride = 0;            // and from one time to the next
  std::size_t tables = 0;    // complete automata for OpenCL devices
  // Of all its automata together.
  std::size_t table_bytes = 0;
};

// What is known of one pattern.
struct PatternPlan {
  // Its place in Plan::parts.
  std::size_t part = 0;
  // One of them is in every match, letters in lower case. Empty when no text is, and then the
  // pattern keeps its part from having a filter. A filter may be missing for other reasons too,
  // such as texts that are too short.
  std::vector<std::string> literals;
  // The number of its automaton in its part, from 0. None: it grows too large for devices, and the
  // CPU searches for it even when a device does the rest.
  std::optional<std::size_t> table;
  // Of that automaton, which other patterns may share.
  std::uint32_t table_states = 0;
};

// The answer of explain(): `patterns` are in the order of PatternSet::patterns.
struct Plan {
  std::vector<PartPlan> parts;
  std::vector<PatternPlan> patterns;
};

// What --explain shows. Makes the complete automata, so it takes as long as a device needs for it;
// asks no device and reads no text. Which engine wins is settled by a race while the text is read
// (see race.hpp), so a plan says what there is to choose from, and not what will be chosen.
Plan explain(const PatternSet& set);

}  // namespace marvel::regex
