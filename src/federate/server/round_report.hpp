#pragma once

#include "federate/privacy/options.hpp"
#include "federate/strategy/nus.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::federate {

// What became of one client in one round.
enum class Fate {
  kAsked,     // no answer yet
  kMerged,    // its update is in the model
  kEmpty,     // it had no examples, so its model has no weight
  kRefused,   // its model did not fit, or it said that it cannot train
  kGone,      // its link broke and it did not come back in time
  kLate,      // no answer when the round ended
  kReported,  // it trained and told the size of its update, which was not drawn
  kVoid,      // its update was fine, but the round has merged nothing
};
[[nodiscard]] std::string_view fate_name(Fate fate);
// kAsked or kGone: an answer may still come.
[[nodiscard]] bool is_unanswered(Fate fate);

struct ClientReport {
  std::string client;
  Fate fate = Fate::kAsked;
  std::uint64_t examples = 0;
  double inclusion = 1;  // probability with which it was drawn
  std::chrono::milliseconds took{0};
  std::optional<double> loss;                 // of its training, as it says
  std::string why;                            // of kRefused
  std::optional<double> accuracy;             // likewise
  std::optional<double> validation_accuracy;  // of its model on samples that it kept back
};

struct EvaluationReport {
  std::uint64_t clients = 0;  // that answered
  std::uint64_t examples = 0;
  double loss = 0;  // mean over examples
  std::optional<double> accuracy;
};

// What one client found of the new model on its own data.
struct ClientEvaluation {
  std::string client;
  std::uint64_t examples = 0;
  double loss = 0;
  std::optional<double> accuracy;
};

struct RoundReport {
  std::uint64_t round = 0;  // from 1
  std::vector<ClientReport> clients;
  std::vector<NusFactors> factors;  // of all that were present, when the strategy has reasons
  std::uint64_t probed = 0;         // clients that told the loss of the model before the draw
  std::uint64_t carried = 0;        // late updates of earlier rounds that were merged
  std::chrono::milliseconds took{0};
  std::uint64_t bytes_down = 0;  // of models sent
  std::uint64_t bytes_up = 0;    // of models received
  std::uint64_t parameters = 0;  // of the new model
  std::optional<EvaluationReport> evaluation;
  std::optional<PrivacyReport> privacy;       // of all rounds up to this one
  std::vector<ClientEvaluation> evaluations;  // the answers behind `evaluation`
  std::string void_reason;                    // why it merged nothing; empty: it has merged
  std::optional<EvaluationReport> central;    // on the server's data; clients: 0

  [[nodiscard]] std::uint64_t count(Fate fate) const;
};

}  // namespace marvel::federate
