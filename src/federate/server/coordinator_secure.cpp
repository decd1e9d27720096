// A round whose updates the server sees only as a sum (secure/secure_round.hpp): four questions to
// each client instead of one, the training in the third. Who falls out before its masked update has
// come is taken out of the sum; when too few are left the round is void, and the model stays.
#include "base/utf8.hpp"
#include "federate/secure/fixed_point.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/server/round_arithmetic.hpp"
#include "federate/strategy/update.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {

bool Coordinator::can_take_part(const SessionInfo& info) const {
  return !rules_.secure || (info.secure && info.dialect == wire::Dialect::kModern);
}

void Coordinator::begin_secure(const Selection& selection, Time now) {
  std::vector<std::string> clients;
  for (const auto& pick : selection.picks) {
    clients.push_back(pick.client);
    ++state_.histories[pick.client].selected;
    Asked& asked = asked_[pick.client];
    asked.report.client = pick.client;
    asked.report.inclusion = pick.inclusion;
    asked.since = now;
  }
  secure_ = std::make_unique<secure::SecureRound>(std::move(clients), rules_.secure_threshold,
                                                  model_elements(*state_.model) + 1);
  ask_secure(now);
}

// All that the stage expects; who is away is waited for as after a broken link.
void Coordinator::ask_secure(Time now) {
  for (auto& [key, asked] : asked_) {
    if (!secure_->expects(key)) {
      continue;
    }
    if (const SessionId id = session_of(key); id != 0) {
      send_secure(id, now);
    } else {
      asked.lost = now;
    }
  }
}

void Coordinator::send_secure(SessionId id, Time now) {
  const std::string key = find(id)->key;
  if (!secure_->expects(key)) {
    return;
  }
  wire::Fit fit;
  fit.config = secure_->request(key);
  fit.config["marvel.round"] = static_cast<std::int64_t>(state_.round + 1);
  fit.config["marvel.run"] = state_.run;
  if (secure_->stage() == secure::Stage::kMasked) {
    fit.config.merge(strategy_.fit_config());
    fit.config[secure::kUniformSetting] = rules_.secure_uniform;
    fit.parameters = strategy_.outgoing(key, state_.model, fit.config);
  }
  report_.bytes_down += parameter_bytes(fit.parameters);
  send(id, std::move(fit), Pending::kFit, now);
}

void Coordinator::take_secure(const std::string& key, const wire::FitResult& result,
                              std::size_t bytes, Time now) {
  ClientReport& report = asked_.at(key).report;
  report_.bytes_up += bytes;
  report.took = now - asked_.at(key).since;
  Status taken;
  if (result.outcome.code != 0) {
    secure_->drop(key);
    taken = fail(Errc::kInput, fmt::format("it cannot go on (code {}: {})", result.outcome.code,
                                           result.outcome.message));
  } else {
    taken = secure_->take(key, result);
  }
  if (!taken) {
    report.fate = Fate::kRefused;
    report.why = shown_text(taken.error().message, kLongestReason);
    ++state_.histories[key].refused;
    log_.warning(fmt::format("round {}: client {} is left out of the secure sum: {}", report_.round,
                             key, report.why));
  }
}

// Clients that the stage still waits for; those whose time to come back is over are given up.
std::size_t Coordinator::outstanding_secure(Time now) {
  std::size_t waiting = 0;
  for (auto& [key, asked] : asked_) {
    if (asked.report.fate != Fate::kAsked || !secure_->expects(key)) {
      continue;
    }
    if (asked.lost && now >= *asked.lost + rules_.rejoin_grace) {
      asked.report.fate = Fate::kGone;
      secure_->drop(key);
      auto& history = state_.histories[key];
      history.response = running_mean(history.response, 0);
      log_.warning(fmt::format("round {}: client {} is gone", report_.round, key));
    } else {
      ++waiting;
    }
  }
  return waiting;
}

bool Coordinator::end_secure_if_due(Time now) {
  const std::size_t waiting = outstanding_secure(now);
  const bool late = is_late(now, secure_->answers());
  const bool enough = rules_.over_selection > 0 && secure_->stage() == secure::Stage::kMasked &&
                      secure_->answers() >= std::max(target_, secure_->threshold());
  if (waiting > 0 && !late && !enough) {
    return false;
  }
  for (auto& [key, asked] : asked_) {
    if (asked.report.fate == Fate::kAsked && secure_->expects(key)) {
      asked.report.fate = Fate::kLate;  // out of this sum, whatever it still sends
      asked.report.took = now - asked.since;
    }
  }
  if (auto gone_on = secure_->next(); !gone_on) {
    void_ = std::move(gone_on.error().message);
  } else if (secure_->stage() == secure::Stage::kDone) {
    merge_secure();
  } else {
    start_clock(now);
    ask_secure(now);
    return true;
  }
  secure_.reset();
  return finish_round(now);
}

// The mean of all stands for one update with all their examples.
void Coordinator::merge_secure() {
  auto mean = secure::from_fixed(secure_->sum(), *state_.model);
  if (!mean) {
    void_ = std::move(mean.error().message);
    return;
  }
  for (const auto& key : secure_->summed()) {
    asked_.at(key).report.fate = Fate::kMerged;
    auto& history = state_.histories[key];
    history.response = running_mean(history.response, 1);
    count_merge(key);
  }
  if (mean->weight == 0) {
    return;
  }
  const auto model = std::make_shared<const Model>(std::move(mean->model));
  auto update = Update::check(encode_parameters(model), *state_.model);
  const Status added =
      update ? strategy_.add(*update, {mean->weight, 1, 1, ""}) : fail(std::move(update.error()));
  if (added) {
    ++added_;
  } else {
    void_ = added.error().message;
  }
}

}  // namespace marvel::federate
