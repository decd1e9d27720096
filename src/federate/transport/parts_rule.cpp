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

std::uint64_t PartsRule::longest_answer() const {
  return std::min(4 * longest_question_.load() + kFloor, wire::kLongestMessage);
}

std::uint64_t PartsRule::longest_answer(const wire::ServerMessage& question) const {
  return std::holds_alternative<wire::GetParameters>(question) ? wire::kLongestMessage
                                                               : longest_answer();
}

}  // namespace marvel::federate
