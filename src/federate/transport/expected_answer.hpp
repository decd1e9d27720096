#pragma once

#include "federate/wire/message.hpp"

#include <cstdint>

namespace marvel::federate {

// How long the answer to a question will be, for who must decide what to read. The upload gate
// reads few bytes at once, lets large answers wait for a place, and ends who brings much more than
// this.
//
//   Fit with a model     as much as the question; less where updates are encoded, and four times
//                        as much in a secure sum (64 bits for each float16)
//   Fit with a report    no model from marvel's clients; others send their update at once
//   Evaluate             no model: names and numbers
//   Fit for the upload   as much as the last question with a model on this stream
//   GetParameters        anything up to the longest message, at once: one client at a time is asked
//
// 64 KiB for names and metrics are in `bytes`, 1 % for TLS and HTTP/2 around a model, and their
// acknowledgements of the question.
struct ExpectedAnswer {
  std::uint64_t bytes = 0;  // generously
  bool at_once = false;     // so few, or a first model, that it need not wait
};

// What the stream knows of whom it asks.
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
