#pragma once

#include "federate/wire/message.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace marvel::federate {

// What all streams of a server know of messages in parts (wire/chunks). Any thread. A message in
// parts is bounded only by what is told to the joiner, so a stranger could have 16 GiB kept for it;
// an answer is about as long as a question, so questions are what it is measured by.
class PartsRule {
 public:
  // `chunk`: longest message that goes in one, in bytes.
  explicit PartsRule(std::size_t chunk) : chunk_(chunk) {}

  [[nodiscard]] std::size_t chunk() const { return chunk_; }
  // A question of `bytes` goes to some client. The longest one so far counts, to whomever it went.
  void note_question(std::uint64_t bytes);
  // The longest answer to `question` that is taken, in bytes: four times the longest question so
  // far, as a secure sum has 64 bits for each float16, and kFloor. Of a first model nothing is
  // known.
  [[nodiscard]] std::uint64_t longest_answer(const wire::ServerMessage& question) const;
  // The same of any question that holds a model.
  [[nodiscard]] std::uint64_t longest_answer() const;
  static constexpr std::uint64_t kFloor = 16U << 20U;  // for measured values

 private:
  std::size_t chunk_;
  std::atomic<std::uint64_t> longest_question_{0};  // in bytes
};

}  // namespace marvel::federate
