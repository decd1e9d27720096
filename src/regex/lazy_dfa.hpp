#pragma once

#include "regex/beginnings.hpp"
#include "regex/closure.hpp"
#include "regex/program.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace marvel::regex {

// A deterministic automaton that tells which lines hold a match of any pattern. States are made
// when the text first needs them, so building never explodes; when they outgrow the memory limit,
// all are dropped and made anew.
//
// A state is the set of instructions that wait for the next byte, and the side before it. The
// patterns' beginnings are in every such set, because a match may begin anywhere, and are left
// out (see beginnings.hpp).
//
// One thread at a time.
class LazyDfa {
 public:
  // The number of a state is the offset of its row in the table. Numbers with the top bit set are
  // no states but events.
  using State = std::uint32_t;
  static constexpr State kEvent = 1U << 31;
  static constexpr State kUnknown = kEvent;      // not computed yet: ask step()
  static constexpr State kAccept = kEvent | 1U;  // the line matches, whatever follows in it
  static constexpr State kHit = kEvent | 2U;     // a line end: the line before it matches
  static constexpr State kStart = 0;             // at the begin of a line

  // `memory_limit` in bytes bounds table and states; at least some states fit always.
  // `program` must outlive this.
  LazyDfa(const Program& program, std::size_t memory_limit);

  // table()[state + classes()[byte]] is what follows. Moves when step() is called.
  [[nodiscard]] const State* table() const { return table_.data(); }
  [[nodiscard]] const std::array<std::uint8_t, 256>& classes() const { return program_.class_of; }

  // Computes, stores and returns the entry for `state` and `byte`. May drop all states: those in
  // `live` are kept and get their new numbers.
  State step(State state, std::uint8_t byte, std::span<State> live);

  [[nodiscard]] std::size_t states() const { return sets_.size(); }
  [[nodiscard]] std::uint64_t flushes() const { return flushes_; }

 private:
  struct Set {
    Side before = Side::kEdge;
    std::vector<std::uint32_t> items;  // sorted
    bool operator==(const Set&) const = default;
  };
  struct SetHash {
    std::size_t operator()(const Set& set) const;
  };
  [[nodiscard]] Side normal(Side side) const;
  State compute(const Set& set, std::uint32_t cls, Set& next);
  State number_of(Set set);
  void reset();
  void flush(std::span<State> live);

  const Program& program_;
  std::size_t memory_limit_;
  std::size_t memory_ = 0;
  std::uint32_t stride_ = 1;   // a row's entries: classes rounded up to a power of two
  bool sides_matter_ = false;  // some assertion looks at the byte before
  bool words_matter_ = false;  // and tells word bytes from others
  std::vector<State> table_;
  std::vector<const Set*> sets_;  // by state / stride
  std::unordered_map<Set, State, SetHash> numbers_;
  Beginnings beginnings_;
  Closure here_;
  Closure there_;
  std::uint64_t flushes_ = 0;
};

}  // namespace marvel::regex
