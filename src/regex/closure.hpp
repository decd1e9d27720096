#pragma once

#include "regex/program.hpp"

#include <cstdint>
#include <vector>

namespace marvel::regex {

// The pairs of sides that a position can still have when only the side before it is known.
constexpr Assertion any_after(Side before) {
  return static_cast<Assertion>(pair_bit(before, Side::kEdge) | pair_bit(before, Side::kOther) |
                                pair_bit(before, Side::kWord));
}

// The states that an automaton reaches at one position without consuming anything. Assertions are
// followed when every pair of sides that is still possible satisfies them, dropped when none does,
// and kept waiting otherwise. One object serves position after position without allocating.
class Closure {
 public:
  explicit Closure(const Program& program);

  // A new position, where the pairs `possible` may hold. One bit: both sides are known, and no
  // assertion is left waiting.
  void begin(Assertion possible);
  // Adds what can be reached from the instruction `at`. Each instruction is entered once.
  void add(std::uint32_t at);

  // kByte instructions, and kAssert ones that wait; in the order they were reached.
  [[nodiscard]] const std::vector<std::uint32_t>& items() const { return items_; }
  // Patterns that match here, each once.
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

// Where those of `items` go that consume `byte`; assertions among them are passed over.
std::vector<std::uint32_t> steps_over(const Program& program,
                                      const std::vector<std::uint32_t>& items, std::uint8_t byte);

}  // namespace marvel::regex
