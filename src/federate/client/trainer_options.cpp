#include "federate/client/trainer_options.hpp"

#include <algorithm>

namespace marvel::federate {

Status validate(const TrainerOptions& o) {
  const auto want = [](bool fine, const char* what) -> Status {
    return fine ? Status{} : fail(Errc::kUsage, what);
  };
  MARVEL_TRY_STATUS(want(o.model == "mlp" || o.model == "l0mlp", "--model must be mlp or l0mlp"));
  MARVEL_TRY_STATUS(
      want(o.layers.size() >= 2 && *std::min_element(o.layers.begin(), o.layers.end()) >= 1,
           "--layers needs at least two numbers, each at least 1"));
  MARVEL_TRY_STATUS(want(o.clients >= 1, "--nb-clients must be at least 1"));
  MARVEL_TRY_STATUS(want(o.client >= 0 && o.client < o.clients,
                         "--cid must be a number below --nb-clients, or equal to it, to choose a "
                         "share of the data"));
  MARVEL_TRY_STATUS(want(o.alpha > 0, "--alpha must be above 0"));
  constexpr double kMostKeptBack = 0.9;
  MARVEL_TRY_STATUS(
      want(o.validation >= 0 && o.validation <= kMostKeptBack, "--validation must be in [0, 0.9]"));
  MARVEL_TRY_STATUS(want(o.epochs >= 1, "--epochs must be at least 1"));
  MARVEL_TRY_STATUS(want(o.batch_size >= 1, "--batch-size must be at least 1"));
  MARVEL_TRY_STATUS(want(o.lr > 0, "--lr must be above 0"));
  MARVEL_TRY_STATUS(want((o.lambda.size() == 1 || o.lambda.size() + 1 == o.layers.size()) &&
                             *std::min_element(o.lambda.begin(), o.lambda.end()) >= 0,
                         "--lambda needs one number, or one per layer, each at least 0"));
  MARVEL_TRY_STATUS(want(o.gate_lr > 0, "--gate-lr must be above 0"));
  MARVEL_TRY_STATUS(want(o.warmup_rounds >= 0, "--warmup-rounds must be at least 0"));
  return want(o.threads >= 0, "--threads must be at least 0");
}

}  // namespace marvel::federate
