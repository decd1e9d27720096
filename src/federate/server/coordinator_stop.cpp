// Ends of a run before its last round: good enough, no better any more, or impossible to go on.
#include "federate/server/coordinator.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {

void Coordinator::evaluate_centrally() {
  auto central = journal_.evaluate(*state_.model);
  if (central) {
    report_.central = *central;
  } else {
    fail_run(std::move(central.error()));
  }
}

// The server's own evaluation counts; where it has none, that of the clients.
void Coordinator::stop_early() {
  const auto& judged = report_.central ? report_.central : report_.evaluation;
  if (!judged || phase_ == Phase::kDone) {
    return;
  }
  if (std::isfinite(judged->loss) && judged->loss < state_.best_loss.value_or(HUGE_VAL)) {
    state_.best_loss = judged->loss;
    state_.best_round = state_.round;
  }
  if (rules_.target_accuracy && judged->accuracy.value_or(0) >= *rules_.target_accuracy) {
    stop_reason_ = fmt::format("accuracy {:.2f} % reached", 100 * judged->accuracy.value_or(0));
  } else if (rules_.stop_after > 0 && state_.round - state_.best_round >= rules_.stop_after) {
    stop_reason_ = fmt::format("no better loss for {} rounds", state_.round - state_.best_round);
  }
  if (!stop_reason_.empty()) {
    log_.info(fmt::format("round {}: {}; the run ends", state_.round, stop_reason_));
    end_run();
  }
}

void Coordinator::abort(Error error, Time now) {
  if (phase_ != Phase::kDone) {
    fail_run(std::move(error));
  }
  advance(now);
}

void Coordinator::dismiss(Time now) {
  while (done() && !sessions_.empty()) {
    const SessionId id = sessions_.begin()->first;
    outputs_.emplace_back(Close{id, Farewell::kDone});
    drop_session(id, now);
  }
}

}  // namespace marvel::federate
