#pragma once

#include "regex/program.hpp"

#include <cstdint>
#include <vector>

namespace marvel::regex {

// The pairs of sides that a position can still have when only the side before it is known: an
// automaton that has just consumed a byte does not know the next one yet.
constexpr Assertion any_after(Side before) {
  return static_cast<Assertion>(pair_bit(before, Side::kEdge) | pair_bit(before, Side::kOther) |
                                pair_bit(before, Side::kWord));
}

// The states that an automaton reaches at one position without consuming anything. Assertions are
// followed when every pair of sides that is still possible satisfies them, dropped when none does,
// and kept waiting otherwise. One object serves position after position without allocating.
//
//   closure.begin(any_after(Side::kWord));
//   closure.add(program.starts[0]);  // for every state that is alive
//   use(closure.items(), closure.matches());
//
// The work is a loop over a list and no recursion, so patterns may nest as deep as they like, and a
// cycle of instructions that consume nothing ends by itself. One thread at a time.
class Closure {
 public:
  // `program` must outlive this. Takes four bytes for every instruction, and what its lists grow
  // to.
  explicit Closure(const Program& program);

  // A new position, where the pairs `possible` may hold. One bit: both sides are known, and no
  // assertion is left waiting. Costs nothing that grows with the program: marks of earlier
  // positions count as old.
  void begin(Assertion possible);
  // Adds what can be reached from the instruction `at`. Each instruction is entered once per
  // position, so all calls for a position together cost no more than the program is long.
  void add(std::uint32_t at);

  // kByte instructions, and kAssert ones that wait; in the order they were reached. Good until
  // begin().
  [[nodiscard]] const std::vector<std::uint32_t>& items() const { return items_; }
  // Patterns that match here, each once, in the order they were reached. Good until begin().
  [[nodiscard]] const std::vector<std::uint32_t>& matches() const { return matches_; }

 private:
  void enter(std::uint32_t at);

  const Program& program_;
  Assertion possible_ = 0;
  std::uint32_t round_ = 0;
  std::vector<std::uint32_t> seen_;  // per instruction, the round it was last entered in
  std::vector<std::uint32_t> todo_;
  std::vector<std::uint32_t> items_;
  std::vector<std::uint32_t> matches_;
};

// Where those of `items` go that consume `byte`; assertions among them are passed over. In the
// order of `items`, and an instruction stands there twice when two of them lead to it.
std::vector<std::uint32_t> steps_over(const Program& program,
                                      const std::vector<std::uint32_t>& items, std::uint8_t byte);

}  // namespace marvel::regex
