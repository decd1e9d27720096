#pragma once

#include "regex/dfa.hpp"
#include "regex/program.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace marvel::regex {

// How much a set of patterns may cost as complete automata. All are counts and none is a time, so
// the same patterns give the same automata on every machine, however busy it is.
struct DfaLimits {
  // Of one automaton before it is made small; one that would have more is given up.
  std::size_t states_on_the_way = 20'000;
  // Of one automaton's table. Two that would be larger together stay apart, and a pattern that is
  // larger alone is left.
  std::size_t table_bytes = std::size_t{1} << 20;
  // Each group is one more walk of the device over all of the text, so more than a few do not pay.
  std::size_t groups = 8;
  // Table entries computed in all. A pattern alone may use up a small part of it, so that one that
  // explodes takes nothing from the others. When the work is done, automata that are not united yet
  // stay as they are, and patterns that have none go without.
  std::size_t work = std::size_t{20} << 20;
};

// Patterns whose automata fit into one table. Whoever walks `dfa` knows that a line matches one of
// `patterns`, and not which.
struct DfaGroup {
  Dfa dfa;
  // Numbers in the program that was given, rising.
  std::vector<std::uint32_t> patterns;
};

// Each pattern is in one group or in `left`.
struct DfaGroups {
  // Those with the most patterns first.
  std::vector<DfaGroup> groups;
  // Patterns that have no place within the limits, rising. They are for the CPU.
  std::vector<std::uint32_t> left;
};

// Shares the patterns out among few automata. Each pattern becomes an automaton of its own; then
// the two smallest are united again and again, as when a Huffman code is built, so that most of the
// work is done on small tables; what has grown too large to be united stays as it is.
// Deterministic.
//
// Some sets unite to hardly more than their sum and others multiply, and nothing tells before; so
// it is tried, within the limits. At the end the groups with the fewest patterns are given up if
// there are more than limits.groups. Never fails: at worst all patterns are left.
DfaGroups make_dfa_groups(const Program& program, const DfaLimits& limits);

}  // namespace marvel::regex
