#pragma once

#include "federate/privacy/options.hpp"
#include "federate/strategy/nus.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::federate {

// What became of one client in one round. A client begins as kAsked. It may go to kGone and back
// when it returns in time; where clients train before the draw, to kReported and, when drawn, back
// to kAsked. A refused one may be asked once more. At the end of the round kAsked becomes kLate,
// and kMerged kVoid where nothing was merged.
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
// The word in reports: "merged", "void".
[[nodiscard]] std::string_view fate_name(Fate fate);
// kAsked or kGone: an answer may still come.
[[nodiscard]] bool is_unanswered(Fate fate);

// Characters of a reason that reports and the log quote: it may hold what a client has sent.
inline constexpr std::size_t kLongestReason = 500;

// One client that a round has asked. What it says of its training is taken as it is, as long as it
// is possible; of secure sums neither examples nor losses are known.
struct ClientReport {
  std::string client;
  Fate fate = Fate::kAsked;
  std::uint64_t examples = 0;
  double inclusion = 1;  // probability with which it was drawn
  // From its question to its answer, the way there and back included; of kLate to the end of the
  // round.
  std::chrono::milliseconds took{0};
  std::optional<double> loss;                 // of its training, as it says
  std::string why;                            // of kRefused
  std::optional<double> accuracy;             // likewise
  std::optional<double> validation_accuracy;  // of its model on samples that it kept back
};

// What a new model is worth, on samples of clients or of the server (then `clients` is 0).
struct EvaluationReport {
  std::uint64_t clients = 0;  // that answered
  std::uint64_t examples = 0;
  double loss = 0;  // mean over examples
  // [0, 1], mean over the examples of those that told one; none: nobody did.
  std::optional<double> accuracy;
};

// What one client found of the new model on its own data.
struct ClientEvaluation {
  std::string client;
  std::uint64_t examples = 0;
  double loss = 0;
  std::optional<double> accuracy;
};

// What became of a round. It is begun with the choice of clients and grows with their answers; from
// then on it goes to the log of rounds, to --metrics-out, to the answer of the server and to the
// page of --report (server/report_json.hpp has the JSON).
struct RoundReport {
  std::uint64_t round = 0;  // from 1
  // All that were asked to train, by name. Filled at the end of training.
  std::vector<ClientReport> clients;
  std::vector<NusFactors> factors;  // of all that were present, when the strategy has reasons
  std::uint64_t probed = 0;         // clients that told the loss of the model before the draw
  std::uint64_t carried = 0;        // late updates of earlier rounds that were merged
  // From the choice of clients to the new model: a probe before the draw is in it, the evaluation
  // after it is not.
  std::chrono::milliseconds took{0};
  // Tensors sent for training and for the probe, and whole messages that came for them. Late
  // answers and the evaluation of the new model are not counted.
  std::uint64_t bytes_down = 0;
  std::uint64_t bytes_up = 0;
  std::uint64_t parameters = 0;  // of the new model
  std::optional<EvaluationReport> evaluation;
  std::optional<PrivacyReport> privacy;       // of all rounds up to this one
  std::vector<ClientEvaluation> evaluations;  // the answers behind `evaluation`
  std::string void_reason;                    // why it merged nothing; empty: it has merged
  std::optional<EvaluationReport> central;    // on the server's data; clients: 0

  [[nodiscard]] std::uint64_t count(Fate fate) const;
};

}  // namespace marvel::federate
