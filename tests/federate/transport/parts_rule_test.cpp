#include "federate/transport/parts_rule.hpp"

#include "federate/wire/chunks.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("an answer is bounded by the longest question to any client") {
  constexpr std::uint64_t kGi = std::uint64_t{1} << 30U;
  PartsRule rule(64);
  CHECK(rule.chunk() == 64);
  CHECK(rule.longest_answer(wire::Fit{}) == PartsRule::kFloor);
  rule.note_question(3 * kGi);
  rule.note_question(5);
  CHECK(rule.longest_answer(wire::Fit{}) == 12 * kGi + PartsRule::kFloor);
  CHECK(rule.longest_answer(wire::Evaluate{}) == 12 * kGi + PartsRule::kFloor);
  rule.note_question(15 * kGi);
  CHECK(rule.longest_answer(wire::Fit{}) == wire::kLongestMessage);
}

TEST_CASE("a first model may have any size that can be sent") {
  const PartsRule rule(64);
  CHECK(rule.longest_answer(wire::GetParameters{}) == wire::kLongestMessage);
}

}  // namespace marvel::federate
