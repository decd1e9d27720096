// What clients tell before a round's draw.
//   probe   the loss of the model as it is: begin_probe, end_probe_if_due, then draw_clients
//   train   the size of an update that they keep: ask_all_to_train, take_size, end_reports_if_due,
//           draw_uploads; from then on the round goes on as any other, with the drawn ones. Who has
//           told nothing until then is passed over: it is not asked again when it comes back
#include "base/random.hpp"
#include "federate/client/size_report.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/server/round_arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {

// --- probe ---

// Whether there is somebody to ask. Who has just evaluated this very model is not asked again.
bool Coordinator::begin_probe(Time now) {
  const auto present = idle_clients();
  const std::size_t count = present.size();
  const std::size_t part = strategy_.probes() == 0 ? count : std::min(count, strategy_.probes());
  evaluating_.clear();
  for (std::size_t i = 0; i < part; ++i) {
    const auto& key = present[(state_.round * part + i) % count];
    if (fresh_.contains(key)) {
      continue;
    }
    const SessionId id = session_of(key);
    evaluating_[key] = id;
    wire::Evaluate evaluate;
    evaluate.config["marvel.round"] = static_cast<std::int64_t>(state_.round);
    evaluate.parameters = strategy_.outgoing(key, state_.model, evaluate.config);
    report_.bytes_down += parameter_bytes(evaluate.parameters);
    send(id, std::move(evaluate), Pending::kEvaluate, now);
  }
  if (evaluating_.empty()) {
    return false;
  }
  start_clock(now);
  phase_ = Phase::kProbe;
  return true;
}

bool Coordinator::end_probe_if_due(Time now) {
  if (!evaluating_.empty() && !(due_ && now >= *due_)) {
    return false;
  }
  due_.reset();
  evaluating_.clear();
  draw_clients(now);
  return true;
}

// --- train first ---

// Whether there was anybody who is not in the round yet.
bool Coordinator::ask_all_to_train(Time now) {
  reporting_ = true;
  auto clients = idle_clients();
  std::erase_if(clients,
                [this](const auto& key) { return asked_.contains(key) || is_counted(key); });
  for (const auto& client : clients) {
    ask_fit({client, 1}, now);
  }
  return !clients.empty();
}

void Coordinator::take_size(const std::string& key, const wire::FitResult& result, Time now) {
  Asked& asked = asked_.at(key);
  const auto norm = real_metric(result.metrics, kNormMetric);
  const bool usable =
      result.outcome.code == 0 && check_examples(result.num_examples) && norm && *norm >= 0;
  if (!usable) {
    refuse(key, result.outcome.code != 0 ? result.outcome.message
                                         : "the size of its update makes no sense");
    return;
  }
  if (result.num_examples == 0) {
    asked.report.fate = Fate::kEmpty;
    return;
  }
  asked.report.fate = Fate::kReported;
  asked.report.examples = static_cast<std::uint64_t>(result.num_examples);
  asked.report.took = now - asked.since;
  asked.norm = norm;
  auto& history = state_.histories[key];
  history.examples = asked.report.examples;
  history.loss = asked.report.loss ? asked.report.loss : history.loss;
  history.accuracy = asked.report.accuracy ? asked.report.accuracy : history.accuracy;
  note_update_norm(history, *norm);
  if (const auto variance = real_metric(result.metrics, "grad_var")) {
    history.norm_variance = variance;
  }
}

// All have told, or the deadline has come and somebody has.
bool Coordinator::end_reports_if_due(Time now) {
  const std::size_t waiting = outstanding(now);
  const bool late = due_ && now >= *due_;
  if (waiting > 0 && !late) {
    return false;
  }
  const bool told = std::any_of(asked_.begin(), asked_.end(), [](const auto& row) {
    return row.second.report.fate == Fate::kReported;
  });
  if (!told && answers() == 0) {
    return wait_for_reports(now, waiting);
  }
  for (auto& [key, asked] : asked_) {
    asked.overdue = asked.report.fate == Fate::kAsked;
    asked.passed_over = is_unanswered(asked.report.fate);
  }
  draw_uploads(now);
  return true;
}

// There is nothing to draw from yet, as when all links broke together: the round goes on as others
// do without an answer.
bool Coordinator::wait_for_reports(Time now, std::size_t waiting) {
  if (due_ && now >= *due_) {
    start_clock(now);
  }
  if (waiting > 0) {
    warn_at_.reset();
  }
  if (ask_all_to_train(now) || waiting > 0) {
    return false;
  }
  return end_with_nobody_left(now, 0);
}

// What has come until now without being drawn, from clients that do not know this way, counts as
// drawn. What comes of it later is merged, too, but the drawn ones are waited for all the same.
void Coordinator::draw_uploads(Time now) {
  reporting_ = false;
  std::vector<std::string> told;
  Histories known = state_.histories;
  for (const auto& [key, asked] : asked_) {
    if (asked.report.fate == Fate::kReported) {
      told.push_back(key);
      known[key].update_norm = asked.norm;
    }
  }
  const std::size_t here = answers();
  const std::size_t wanted =
      rules_.clients_per_round == 0 ? told.size() + added_ : rules_.clients_per_round;
  const std::size_t lacking =
      std::min(told.size(), wanted > added_ ? wanted - added_ : std::size_t{1});
  const std::size_t drawn = std::min(told.size(), share_of(lacking, 1 + rules_.over_selection));
  const auto selection = draw(told, known, drawn);
  target_ = here + std::min(lacking, selection.picks.size());
  quorum_ = std::max<std::size_t>(1, share_of(target_, 0.8));
  if (rules_.min_results > 0) {
    quorum_ = rules_.min_results;
    target_ = std::max(target_, quorum_);
  }
  if (strategy_.draws_by_coins()) {
    target_ = here + selection.picks.size();
    quorum_ = 0;
  }
  start_clock(now);
  for (const auto& pick : selection.picks) {
    ask_upload(pick, now);
  }
}

// The model is not sent again: the client has its update. One whose link is broken gets the model
// when it comes back, in case that it is a new process.
void Coordinator::ask_upload(const Pick& pick, Time now) {
  Asked& asked = asked_.at(pick.client);
  asked.report.fate = Fate::kAsked;
  asked.report.inclusion = pick.inclusion;
  asked.upload = true;
  asked.overdue = asked.passed_over = false;
  const SessionId id = session_of(pick.client);
  if (id == 0) {
    asked.lost = now;
    return;
  }
  wire::Fit fit;
  fit.config["marvel.round"] = static_cast<std::int64_t>(state_.round + 1);
  fit.config["marvel.run"] = state_.run;
  fit.config[kUploadSetting] = std::int64_t{1};
  add_encoding(id, fit.config);
  send(id, std::move(fit), Pending::kFit, now);
}

}  // namespace marvel::federate
