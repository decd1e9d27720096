#pragma once

#include "regex/dfa.hpp"
#include "regex/program.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::regex {

// How much a set of patterns may cost as complete automata.
struct DfaLimits {
  std::size_t states_on_the_way = 20'000;          // of one automaton before it is made small
  std::size_t table_bytes = std::size_t{1} << 20;  // of one automaton
  std::size_t groups = 8;                          // each is one more walk over the text
  std::size_t work = std::size_t{20} << 20;        // table entries computed in all
};

// Patterns whose automata fit into one table.
struct DfaGroup {
  Dfa dfa;
  std::vector<std::uint32_t> patterns;  // numbers, rising
};

struct DfaGroups {
  std::vector<DfaGroup> groups;
  std::vector<std::uint32_t> left;  // patterns that have no place within the limits, rising
};

// Shares the patterns out among few automata. The two smallest are united again and again, as when
// a Huffman code is built, so that most of the work is done on small tables; what has grown too
// large to be united stays as it is. Deterministic.
DfaGroups make_dfa_groups(const Program& program, const DfaLimits& limits);

}  // namespace marvel::regex
