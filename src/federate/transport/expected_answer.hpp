#pragma once

#include "federate/wire/message.hpp"

#include <cstdint>

namespace marvel::federate {

// How long the answer to a question will be, for who must decide what to read.
struct ExpectedAnswer {
  std::uint64_t bytes = 0;  // generously
  bool at_once = false;     // so few, or a first model, that it need not wait
};

struct AskedClient {
  bool is_marvel = false;        // it knows what marvel adds to Flower's questions
  std::uint64_t last_model = 0;  // bytes of the last question that held a model
};

// `asked`: bytes of the question. A first model may have any size that can be sent.
[[nodiscard]] ExpectedAnswer expected_answer(const wire::ServerMessage& question,
                                             std::uint64_t asked, const AskedClient& client);

// "marvel.round" of a question; 0 where it has none.
[[nodiscard]] std::uint64_t round_of(const wire::ServerMessage& question);

}  // namespace marvel::federate
