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
// all are dropped and made anew. It never gives a wrong answer for lack of memory, only a slower
// one.
//
// A state is the set of instructions that wait for the next byte, and the side before it. The
// patterns' beginnings are in every such set, because a match may begin anywhere, and are left out
// (see beginnings.hpp). Side values that no assertion of the patterns tells apart count as one.
//
// The caller walks the table itself, in a loop that it has tuned, and comes here for what is new:
//   LazyDfa::State next = dfa.table()[state + dfa.classes()[byte]];
//   if (next == LazyDfa::kUnknown) {
//     next = dfa.step(state, byte, {&state, 1});  // table() may have moved
//   }
//   // kAccept: go on behind the line's end in kStart. kHit: this was it. Otherwise: state = next.
//
// That a line matches is an event in the table and not a state, so the loop tests a single bit for
// all that is not a plain step. Line ends are walked over like other bytes. One thread at a time.
class LazyDfa {
 public:
  // The number of a state is the offset of its row in the table. Numbers with the top bit set are
  // no states but events. An event is in the table in a state's place, so that asking for one is
  // asking for the top bit.
  using State = std::uint32_t;
  static constexpr State kEvent = 1U << 31;
  static constexpr State kUnknown = kEvent;      // not computed yet: ask step()
  static constexpr State kAccept = kEvent | 1U;  // the line matches, whatever follows in it
  static constexpr State kHit = kEvent | 2U;     // a line end: the line before it matches
  static constexpr State kStart = 0;             // at the begin of a line

  // `memory_limit` in bytes bounds table and states; 64 states fit always, whatever it says.
  // Beginnings, which are as large as the patterns want, are not counted. `program` must outlive
  // this.
  LazyDfa(const Program& program, std::size_t memory_limit);

  // table()[state + classes()[byte]] is what follows. Moves when step() is called, so that nobody
  // may keep it, or a state that is not in `live`, across a call.
  [[nodiscard]] const State* table() const { return table_.data(); }
  [[nodiscard]] const std::array<std::uint8_t, 256>& classes() const { return program_.class_of; }

  // Computes, stores and returns the entry for `state` and `byte`. May drop all states: those in
  // `live` are kept and get their new numbers. Every state that the caller goes on from is in
  // `live`, `state` too. Returns a state or an event other than kUnknown. An entry that is known is
  // only looked up; a new one costs what the instructions are that the state's set reaches.
  State step(State state, std::uint8_t byte, std::span<State> live);

  // How many there are, and how often all were dropped: for tests and for whoever makes a complete
  // automaton of it.
  [[nodiscard]] std::size_t states() const { return sets_.size(); }
  [[nodiscard]] std::uint64_t flushes() const { return flushes_; }

 private:
  // What a state stands for.
  struct Set {
    Side before = Side::kEdge;
    std::vector<std::uint32_t> items;  // sorted
    bool operator==(const Set&) const = default;
  };
  struct SetHash {
    std::size_t operator()(const Set& set) const;
  };
  // The side as far as some assertion can tell it from others.
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
