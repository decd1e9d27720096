// The training part of a round.
//   begin_fit       draw clients, send them the model
//   take_fit        merge, refuse or set aside each answer
//   end_fit_if_due  enough answers? all that can come? past the deadline?
//   finish_round    the next model, into the journal
#include "base/random.hpp"
#include "base/utf8.hpp"
#include "federate/client/size_report.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/server/round_arithmetic.hpp"
#include "federate/strategy/update.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
void Coordinator::begin_fit(Time now) {
  const auto present = idle_clients();
  for (auto& [key, history] : state_.histories) {
    const bool here = std::binary_search(present.begin(), present.end(), key);
    history.availability = running_mean(history.availability, here ? 1 : 0);
  }
  if (auto begun = strategy_.begin(*state_.model); !begun) {
    fail_run(std::move(begun.error()));
    return;
  }
  report_ = {};
  report_.round = state_.round + 1;
  asked_.clear();
  counted_.clear();
  added_ = 0;
  draws_ = 0;
  round_began_ = now;
  if (strategy_.asking() != Asking::kProbeFirst || !begin_probe(now)) {
    draw_clients(now);
  }
}

void Coordinator::draw_clients(Time now) {
  const auto present = idle_clients();
  const std::size_t all = present.size();
  const std::size_t most = rules_.secure ? std::min(all, secure::kMostClients) : all;
  const std::size_t wanted =
      rules_.clients_per_round == 0 ? most : std::min(rules_.clients_per_round, most);
  const std::size_t drawn = std::min(most, share_of(wanted, 1 + rules_.over_selection));
  quorum_ =
      rules_.min_results > 0 ? rules_.min_results : std::max<std::size_t>(1, share_of(wanted, 0.8));
  target_ = std::max(wanted, quorum_);
  start_clock(now);
  phase_ = Phase::kFit;
  if (strategy_.asking() == Asking::kTrainFirst) {
    late_.clear();  // all are asked
    ask_all_to_train(now);
    return;
  }
  const auto selection = draw(present, state_.histories, drawn);
  if (strategy_.draws_by_coins()) {
    target_ = selection.picks.size();  // maybe none
    quorum_ = 0;
  }
  if (rules_.secure) {
    begin_secure(selection, now);
    return;
  }
  for (const auto& pick : selection.picks) {
    ask_fit(pick, now);
  }
  for (const auto& [key, result] : std::exchange(late_, {})) {
    carry(key, result);
  }
}

// Each draw of the round has its own coins, and its reasons in the report.
Selection Coordinator::draw(std::span<const std::string> from, const Histories& histories,
                            std::size_t wanted) {
  auto selection = strategy_.choose(from, histories, report_.round, wanted,
                                    stream_key(rules_.seed, report_.round, draws_++));
  for (auto& row : selection.factors) {
    row.draw = draws_;
    report_.factors.push_back(std::move(row));
  }
  return selection;
}

void Coordinator::ask_fit(const Pick& pick, Time now) {
  Asked asked;
  asked.report.client = pick.client;
  asked.report.inclusion = pick.inclusion;
  asked.since = now;
  asked.named = find(session_of(pick.client))->named;
  asked.upload = strategy_.asking() == Asking::kTrainFirst && !reporting_;
  asked_[pick.client] = std::move(asked);
  ++state_.histories[pick.client].selected;
  send_fit(session_of(pick.client), now);
}

void Coordinator::send_fit(SessionId id, Time now) {
  if (secure_) {
    send_secure(id, now);
    return;
  }
  wire::Fit fit;
  fit.config = strategy_.fit_config();
  fit.parameters = strategy_.outgoing(find(id)->key, state_.model, fit.config);
  fit.config["marvel.round"] = static_cast<std::int64_t>(state_.round + 1);
  fit.config["marvel.run"] = state_.run;
  if (reporting_) {
    fit.config[kReportSetting] = std::string("norm");
  } else if (strategy_.asking() == Asking::kTrainFirst) {
    fit.config[kUploadSetting] = std::int64_t{1};
  }
  add_encoding(id, fit.config);
  report_.bytes_down += parameter_bytes(fit.parameters);
  send(id, std::move(fit), Pending::kFit, now);
}

void Coordinator::add_encoding(SessionId id, wire::Config& config) {
  if (find(id)->encodes && rules_.encoding != wire::UpdateEncoding::kNone) {
    config["marvel.encoding"] =
        wire::update_encoding_names()[static_cast<std::size_t>(rules_.encoding)];
    config["marvel.keep"] = rules_.keep;
  }
}

// --- answers ---

void Coordinator::take_fit(SessionId id, const wire::FitResult& result, std::size_t bytes,
                           Time now) {
  const std::uint64_t round = find(id)->round;
  rename(id, result.metrics);
  const std::string key = find(id)->key;
  const auto found = asked_.find(key);
  if (phase_ != Phase::kFit || round != report_.round || found == asked_.end()) {
    take_late(key, result);
    return;
  }
  ClientReport& report = found->second.report;
  if (report.fate == Fate::kMerged || report.fate == Fate::kEmpty) {
    return;  // twice the same name: the first answer counts
  }
  if (claims_another(id, result.metrics)) {
    refuse(key, "it calls itself by the name of another client that is there");
    found->second.again = true;  // it would not get better
    return;
  }
  if (secure_) {
    take_secure(key, result, bytes, now);
    return;
  }
  report_.bytes_up += bytes;
  report.took = now - found->second.since;
  report.loss = real_metric(result.metrics, "loss");
  report.accuracy = share_metric(result.metrics, "accuracy");
  report.validation_accuracy = share_metric(result.metrics, "validation_accuracy");
  for (const auto& name : odd_metrics(result.metrics)) {
    log_.warning(fmt::format("round {}: client {} tells an impossible {}, which is left out",
                             report_.round, key, name));
  }
  if (tells_size(result) && !found->second.upload) {
    take_size(key, result, now);
    return;
  }
  auto merged = merge(key, result, report.inclusion);
  if (merged) {
    report.fate = result.num_examples > 0 ? Fate::kMerged : Fate::kEmpty;
    report.examples = static_cast<std::uint64_t>(result.num_examples);
    target_ += found->second.passed_over ? 1 : 0;  // it stands for none of the drawn ones
    return;
  }
  if (merged.error().code == Errc::kUnavailable) {
    fail_run(std::move(merged.error()));
    return;
  }
  refuse(key, merged.error().message);
}

void Coordinator::refuse(const std::string& key, const std::string& why) {
  ClientReport& report = asked_.at(key).report;
  report.fate = Fate::kRefused;
  report.why = shown_text(why, kLongestReason);
  ++state_.histories[key].refused;
  log_.warning(fmt::format("round {}: the update of client {} is left out: {}", report_.round, key,
                           report.why));
}

// An answer to a round that is over.
void Coordinator::take_late(const std::string& key, const wire::FitResult& result) {
  auto& history = state_.histories[key];
  history.response = running_mean(history.response, 0);
  if (tells_size(result)) {
    return;  // nothing that could be merged
  }
  constexpr std::size_t kMostKept = 2;  // in memory, so that late ones never take more than others
  if (rules_.carry_late && phase_ == Phase::kFit) {
    carry(key, result);
  } else if (rules_.carry_late && phase_ != Phase::kDone && late_.size() < kMostKept) {
    late_[key] = result;
  } else {
    tell_dropped(key);
  }
}

// Merges a late update into the round under way, unless that has asked the same client.
void Coordinator::carry(const std::string& key, const wire::FitResult& result) {
  if (asked_.contains(key)) {
    tell_dropped(key);
    return;
  }
  auto merged = merge(key, result, 1);
  if (merged && result.num_examples > 0) {
    ++report_.carried;
  } else if (!merged) {
    log_.warning(fmt::format("client {}: its late update is left out: {}", key,
                             shown_text(merged.error().message, kLongestReason)));
  }
}

void Coordinator::tell_dropped(const std::string& key) {
  log_.verbose(fmt::format("client {}: its update came after its round and is dropped", key));
}

// Whatever encoding is asked for now: an update may be older than the server's process. The change
// of a late update is applied to the model of now. After a restart the strategy may not know yet
// that the client took the model as it is, and the update that it still has is of that.
Result<wire::Parameters> Coordinator::plain_parameters(const std::string& key,
                                                       const wire::Parameters& parameters) const {
  if (parameters.tensor_type != wire::kEncodedType) {
    return parameters;
  }
  const auto sent = strategy_.reference(key, state_.model);
  auto plain = wire::decode_update(parameters, *sent);
  return plain || sent == state_.model ? std::move(plain)
                                       : wire::decode_update(parameters, *state_.model);
}

Status Coordinator::merge(const std::string& key, const wire::FitResult& result, double inclusion) {
  if (result.outcome.code != 0) {
    return fail(Errc::kInput, fmt::format("it cannot train (code {}: {})", result.outcome.code,
                                          result.outcome.message));
  }
  MARVEL_TRY_STATUS(check_examples(result.num_examples));
  wire::FitResult plain = result;
  MARVEL_TRY(plain.parameters, plain_parameters(key, result.parameters));
  MARVEL_TRY(const Update update, strategy_.open(key, plain, *state_.model));
  if (result.num_examples == 0) {
    return {};
  }
  Contribution contribution;
  contribution.examples = static_cast<std::uint64_t>(result.num_examples);
  contribution.inclusion = inclusion;
  contribution.response = state_.histories[key].response;
  contribution.client = key;
  MARVEL_TRY_STATUS(strategy_.add(update, contribution));
  ++added_;
  note_merged(key, update, result);
  return {};
}

void Coordinator::note_merged(const std::string& key, const Update& update,
                              const wire::FitResult& result) {
  auto& history = state_.histories[key];
  history.examples = static_cast<std::uint64_t>(result.num_examples);
  history.response = running_mean(history.response, 1);
  count_merge(key);
  if (const auto loss = real_metric(result.metrics, "loss")) {
    history.loss = loss;
  }
  if (const auto accuracy = share_metric(result.metrics, "accuracy")) {
    history.accuracy = accuracy;
  }
  const auto asked = asked_.find(key);
  const bool told = asked != asked_.end() && asked->second.norm.has_value();
  if (const auto size = told ? std::nullopt : strategy_.added_size(update, *state_.model)) {
    note_update_norm(history, *size);
  }
  if (const auto variance = real_metric(result.metrics, "grad_var")) {
    history.norm_variance = variance;
  }
}

void Coordinator::count_merge(const std::string& key) {
  auto& history = state_.histories[key];
  counted_.emplace_back(key, history.last_merged);
  history.last_merged = report_.round;
  ++history.merged;
}

// Also with a late update.
bool Coordinator::is_counted(const std::string& key) const {
  return std::any_of(counted_.begin(), counted_.end(),
                     [&key](const auto& row) { return row.first == key; });
}

// The round has merged nothing after all, so nobody's update is in its model.
void Coordinator::undo_merges() {
  for (const auto& [key, last] : counted_ | std::views::reverse) {
    if (const auto history = state_.histories.find(key); history != state_.histories.end()) {
      history->second.last_merged = last;
      --history->second.merged;
    }
  }
  for (auto& [key, asked] : asked_) {
    if (asked.report.fate == Fate::kMerged) {
      asked.report.fate = Fate::kVoid;
    }
  }
  report_.carried = 0;
}

// --- the end of a round ---

std::size_t Coordinator::answers() const {
  return static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(), [](const auto& row) {
    const Fate fate = row.second.report.fate;
    return fate == Fate::kMerged || fate == Fate::kEmpty;
  }));
}

bool Coordinator::end_fit_if_due(Time now) {
  if (reporting_) {
    return end_reports_if_due(now);
  }
  if (secure_) {
    return end_secure_if_due(now);
  }
  const std::size_t waiting = outstanding(now);
  const std::size_t there = answers();
  if (there >= target_ || (waiting == 0 && there >= quorum_)) {
    return finish_round(now);
  }
  if (waiting > 0) {
    warn_at_.reset();
  }
  const bool late = strategy_.draws_by_coins() ? is_late(now, there) : due_ && now >= *due_;
  if (late && there >= quorum_) {
    return finish_round(now);
  }
  if (late) {
    let_others_help(now, there);
  }
  if ((late || waiting == 0) && !top_up(now, quorum_ - there) && waiting == 0) {
    return end_with_nobody_left(now, there);
  }
  return false;
}

// Where that is impossible the round is void, and the model stays.
Status Coordinator::make_next_model() {
  if (void_.empty() && added_ == 0 && !strategy_.draws_by_coins()) {
    log_.warning(fmt::format("round {}: no client had examples; the model stays", report_.round));
    return {};
  }
  if (void_.empty()) {
    auto next =
        strategy_.finish(*state_.model, {report_.round, registered_examples(), present_examples()});
    if (next) {
      state_.model = std::make_shared<const Model>(std::move(*next));
      return {};
    }
    if (next.error().code != Errc::kFailed) {
      return fail(std::move(next.error()));
    }
    void_ = std::move(next.error().message);
  }
  log_.warning(fmt::format("round {}: void: {}; the model stays", report_.round, void_));
  undo_merges();
  return {};
}

bool Coordinator::finish_round(Time now) {
  if (auto made = make_next_model(); !made) {
    fail_run(std::move(made.error()));
    return true;
  }
  report_.void_reason = std::exchange(void_, {});
  counted_.clear();
  for (auto& [key, asked] : asked_) {
    if (asked.report.fate == Fate::kAsked) {
      asked.report.fate = Fate::kLate;
      asked.report.took = now - asked.since;
    }
    report_.clients.push_back(asked.report);
  }
  for (const auto& [key, asked] : std::exchange(asked_, {})) {
    forget(key, asked.named);
  }
  fresh_.clear();
  due_.reset();
  report_.privacy = state_.privacy = strategy_.privacy();
  warn_at_.reset();
  report_.parameters = model_elements(*state_.model);
  report_.took = now - round_began_;
  ++state_.round;
  forget_long_away();
  state_.unreported = report_;
  if (auto saved = journal_.save(state_, strategy_.moments()); !saved) {
    fail_run(std::move(saved.error()));
    return true;
  }
  begin_evaluate(now);
  return true;
}

}  // namespace marvel::federate
