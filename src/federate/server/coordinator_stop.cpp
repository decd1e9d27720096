// Ends of a run before its last round: good enough, no better any more, or impossible to go on.
#include "federate/server/coordinator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {

void Coordinator::evaluate_centrally() {
  auto central = journal_.evaluate(*strategy_.whole(state_.model));
  if (central) {
    report_.central = *central;
  } else {
    fail_run(std::move(central.error()));
  }
}

// What the process before this one had left to do after its last round: it may have died in the
// round's evaluation, or between its report and the note of what it found.
void Coordinator::catch_up() {
  if (auto left = std::exchange(state_.unreported, std::nullopt)) {
    report_ = std::move(*left);
    close_report();
    return;
  }
  if (!reports_.empty() && reports_.back().round == state_.round &&
      state_.judged_round < state_.round) {
    report_ = reports_.back();
    judge();
  }
  stop_early();
}

// The server's own evaluation counts; where it has none, that of the clients. It is on disk before
// the run ends by it, so that a server that is started again ends, too.
void Coordinator::judge() {
  const auto& judged = report_.central ? report_.central : report_.evaluation;
  if (!judged || phase_ == Phase::kDone) {
    return;
  }
  if (std::isfinite(judged->loss) && judged->loss < state_.best_loss.value_or(HUGE_VAL)) {
    state_.best_loss = judged->loss;
    state_.best_round = state_.round;
  }
  state_.judged_round = state_.round;
  state_.accuracy = judged->accuracy;
  if (auto noted = journal_.note(state_, strategy_.moments()); !noted) {
    fail_run(std::move(noted.error()));
  }
}

// By what the newest evaluation found and the rules of now, which a resumed run may have changed.
void Coordinator::stop_early() {
  if (phase_ == Phase::kDone) {
    return;
  }
  const std::uint64_t worse =
      state_.judged_round - std::min(state_.judged_round, state_.best_round);
  if (rules_.target_accuracy && state_.accuracy.value_or(0) >= *rules_.target_accuracy) {
    stop_reason_ = fmt::format("accuracy {:.2f} % reached", 100 * state_.accuracy.value_or(0));
  } else if (rules_.stop_after > 0 && worse >= rules_.stop_after) {
    stop_reason_ = fmt::format("no better loss for {} rounds", worse);
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
