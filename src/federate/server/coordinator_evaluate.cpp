// The evaluation of a new model by clients, between two rounds of training.
#include "base/random.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/server/round_arithmetic.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {

void Coordinator::begin_evaluate(Time now) {
  phase_ = Phase::kEvaluate;
  evaluating_.clear();
  loss_sum_ = examples_sum_ = accuracy_sum_ = accuracy_examples_ = 0;
  start_clock(now);
  if (!rules_.evaluate) {
    return;
  }
  const auto present = idle_clients();
  const std::size_t wanted =
      rules_.evaluate_clients > 0 ? rules_.evaluate_clients : std::max<std::size_t>(1, target_);
  std::vector<std::uint32_t> order(present.size());
  random_permutation(stream_key(rules_.seed, state_.round, 0, 1), order);
  order.resize(std::min(order.size(), wanted));
  for (const auto index : order) {
    const SessionId id = session_of(present[index]);
    evaluating_[present[index]] = id;
    wire::Evaluate evaluate;
    evaluate.config["marvel.round"] = static_cast<std::int64_t>(state_.round);
    evaluate.parameters = strategy_.outgoing(present[index], state_.model, evaluate.config);
    send(id, std::move(evaluate), Pending::kEvaluate, now);
  }
}

void Coordinator::take_evaluation(SessionId id, const wire::EvaluateResult& result,
                                  std::size_t bytes) {
  rename(id, result.metrics);
  const std::string key = find(id)->key;
  const bool probe = phase_ == Phase::kProbe;
  if ((!probe && phase_ != Phase::kEvaluate) || evaluating_.erase(key) == 0) {
    return;  // its evaluation is over
  }
  if (result.outcome.code != 0 || result.num_examples == 0) {
    return;
  }
  if (const auto possible = check_evaluation(result); !possible) {
    log_.warning(fmt::format("round {}: the evaluation of client {} is left out: {}", report_.round,
                             key, possible.error().message));
    return;
  }
  auto& history = state_.histories[key];
  history.loss = static_cast<double>(result.loss);
  fresh_.insert(key);
  const auto accuracy = real_metric(result.metrics, "accuracy");
  history.accuracy = accuracy ? accuracy : history.accuracy;
  if (probe) {
    ++report_.probed;
    report_.bytes_up += bytes;
    return;
  }
  if (!report_.evaluation) {
    report_.evaluation.emplace();
  }
  ClientEvaluation row{
      key, static_cast<std::uint64_t>(result.num_examples), history.loss.value_or(0), {}};
  const auto examples = static_cast<double>(result.num_examples);
  ++report_.evaluation->clients;
  report_.evaluation->examples += static_cast<std::uint64_t>(result.num_examples);
  examples_sum_ += examples;
  loss_sum_ += examples * static_cast<double>(result.loss);
  if (accuracy) {
    row.accuracy = accuracy;
    accuracy_sum_ += examples * *accuracy;
    accuracy_examples_ += examples;
  }
  report_.evaluations.push_back(std::move(row));
}

// Of a run with many clients the reasons of its draws are most of its reports.
void Coordinator::remember(RoundReport report) {
  if (journal_.keeps_reports()) {
    report.factors = {};
  }
  reports_.push_back(std::move(report));
}

bool Coordinator::end_evaluate_if_due(Time now) {
  if (!evaluating_.empty() && !(due_ && now >= *due_)) {
    return false;
  }
  due_.reset();
  evaluating_.clear();
  phase_ = Phase::kIdle;
  close_report();
  return true;
}

void Coordinator::close_report() {
  if (report_.evaluation) {
    report_.evaluation->loss = loss_sum_ / examples_sum_;
    if (accuracy_examples_ > 0) {
      report_.evaluation->accuracy = accuracy_sum_ / accuracy_examples_;
    }
  }
  evaluate_centrally();
  journal_.report(report_);
  remember(report_);
  state_.unreported.reset();
  judge();
  stop_early();
}

}  // namespace marvel::federate
