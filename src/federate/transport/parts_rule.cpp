#include "federate/transport/parts_rule.hpp"

#include "federate/wire/chunks.hpp"

#include <algorithm>
#include <variant>

namespace marvel::federate {

void PartsRule::note_question(std::uint64_t bytes) {
  auto longest = longest_question_.load();
  while (longest < bytes && !longest_question_.compare_exchange_weak(longest, bytes)) {
  }
}

std::uint64_t PartsRule::longest_answer(const wire::ServerMessage& question) const {
  constexpr std::uint64_t kInOne = std::uint64_t{1} << 31U;
  if (std::holds_alternative<wire::GetParameters>(question)) {
    return wire::kLongestMessage;
  }
  return std::clamp(4 * longest_question_.load(), kInOne, wire::kLongestMessage);
}

}  // namespace marvel::federate
