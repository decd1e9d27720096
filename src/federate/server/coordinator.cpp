// Who is there and whose turn it is. The initial model is in coordinator_initial.cpp, the fit part
// of a round in coordinator_fit.cpp, what comes before a draw in coordinator_ask_first.cpp, its
// evaluation in coordinator_evaluate.cpp, how long is waited for whom in coordinator_wait.cpp, ends
// before the last round in coordinator_stop.cpp.
#include "federate/server/coordinator.hpp"

#include "base/check.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

// Names stand in files, logs and tables, and come from strangers.
bool is_client_name(const std::string& name) {
  constexpr std::size_t kLongest = 256;
  return !name.empty() && name.size() <= kLongest && is_utf8(name) &&
         shown_text(name, kLongest) == name;
}

// A client without a name of the link may still tell one in its metrics, as the seed's do.
std::optional<std::string> told_name(const wire::Config& metrics) {
  const auto cid = metrics.find("cid");
  if (cid == metrics.end()) {
    return std::nullopt;
  }
  std::string name;
  if (const auto* number = std::get_if<std::int64_t>(&cid->second)) {
    name = std::to_string(*number);
  } else if (const auto* text = std::get_if<std::string>(&cid->second)) {
    name = *text;
  }
  return is_client_name(name) ? std::optional(name) : std::nullopt;
}

// It has come and gone without ever being asked.
bool is_stranger(const ClientHistory& history) {
  return history.selected == 0 && history.merged == 0;
}

}  // namespace

Status validate(const RoundRules& rules) {
  if (rules.rounds < 1) {
    return fail(Errc::kUsage, "--rounds must be at least 1");
  }
  if (rules.min_available < 1) {
    return fail(Errc::kUsage, "--min-available must be at least 1");
  }
  const bool bearable = rules.over_selection >= 0 && rules.over_selection <= 10;
  if (!bearable) {
    return fail(Errc::kUsage, "--over-selection must be in [0, 10]");
  }
  if (rules.clients_per_round > 0 && rules.min_results > rules.clients_per_round) {
    return fail(Errc::kUsage,
                "--min-results is more than --clients-per-round, so no round could end");
  }
  const bool safe = rules.secure_threshold > 0.5 && rules.secure_threshold <= 1;
  if (!safe) {
    return fail(Errc::kUsage, "--secure-threshold must be in (0.5, 1]");
  }
  if (rules.deadline && *rules.deadline <= Time(0)) {
    return fail(Errc::kUsage, "--round-deadline must be above 0");
  }
  const bool some = rules.keep > 0 && rules.keep <= 1;
  if (!some) {
    return fail(Errc::kUsage, "--keep must be in (0, 1]");
  }
  const double accuracy = rules.target_accuracy.value_or(1);
  const bool reachable = accuracy > 0 && accuracy <= 1;
  if (!reachable) {
    return fail(Errc::kUsage, "--target-accuracy must be in (0, 1]");
  }
  return {};
}

Coordinator::Coordinator(const RoundRules& rules, Strategy& strategy, Journal& journal, Log& log)
    : rules_(rules), strategy_(strategy), journal_(journal), log_(log) {}

Status Coordinator::start(RunState state) {
  state_ = std::move(state);
  for (auto& report : std::exchange(state_.reports, {})) {
    remember(std::move(report));
  }
  std::erase_if(state_.histories, [](const auto& row) { return is_stranger(row.second); });
  if (state_.model) {
    MARVEL_TRY_STATUS(strategy_.restore(std::move(state_.moments), *state_.model));
    state_.moments.clear();
    MARVEL_TRY_STATUS(strategy_.restore_privacy(state_.privacy, state_.round));
    state_.privacy = strategy_.privacy();
    MARVEL_TRY_STATUS(journal_.accept(*strategy_.whole(state_.model)));
    if (state_.round == 0) {
      MARVEL_TRY_STATUS(journal_.save(state_, strategy_.moments()));
    }
    catch_up();
  }
  return failure_ ? fail(*failure_) : Status{};
}

// --- sessions ---

Coordinator::Session* Coordinator::find(SessionId session) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : &found->second;
}

// 0 for none; sessions count from 1.
SessionId Coordinator::session_of(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? 0 : found->second;
}

std::vector<std::string> Coordinator::idle_clients() const {
  std::vector<std::string> clients;
  for (const auto& [id, session] : sessions_) {
    if (session.pending == Pending::kNothing) {
      clients.push_back(session.key);
    }
  }
  std::sort(clients.begin(), clients.end());
  return clients;
}

void Coordinator::join(SessionId id, const SessionInfo& info, Time now) {
  const bool is_new = id > 0 && !sessions_.contains(id);
  MARVEL_CHECK(is_new, "coordinator: session ids are new and not 0");
  if (!can_take_part(info)) {
    const std::string& who = is_client_name(info.name) ? info.name : info.peer;
    log_.warning(
        fmt::format("client {} cannot take part in secure aggregation and is sent away: "
                    "only marvel's clients can",
                    who));
    outputs_.emplace_back(Close{id, Farewell::kInsecure});
    return;
  }
  Session session;
  session.dialect = info.dialect;
  session.encodes = info.encodes;
  session.token = info.token.value_or("");
  session.named = is_client_name(info.name);
  session.key = session.named ? info.name : info.peer;
  if (session.named) {
    if (const auto old = session_of(session.key); old != 0 && !may_replace(old, session, id, now)) {
      return;
    }
  } else {
    for (int i = 2; session_of(session.key) != 0; ++i) {
      session.key = fmt::format("{}#{}", info.peer, i);
    }
  }
  const std::string key = session.key;
  away_.erase(key);
  sessions_.emplace(id, std::move(session));
  by_key_[key] = id;
  state_.histories.try_emplace(key);
  const auto asked = asked_.find(key);
  if (phase_ == Phase::kFit && asked != asked_.end() && is_unanswered(asked->second.report.fate)) {
    welcome_back(id, asked->second, now);
  }
  advance(now);
}

// It may have been given up: its work is not lost, unless others have been drawn without it.
void Coordinator::welcome_back(SessionId id, Asked& asked, Time now) {
  asked.lost.reset();
  if (asked.passed_over) {
    asked.report.fate = Fate::kGone;
    return;
  }
  asked.report.fate = Fate::kAsked;
  send_fit(id, now);
}

// The old link of a client that is back is half open, and nobody is behind it any more. A process
// other than the one that has the name does not get it while the old link lives.
bool Coordinator::may_replace(SessionId old, const Session& fresh, SessionId id, Time now) {
  const std::string& token = find(old)->token;
  if (!token.empty() && token != fresh.token) {
    log_.warning(fmt::format(
        "another client wants to join as {}, which is there already; it is refused", fresh.key));
    outputs_.emplace_back(Close{id, Farewell::kTaken});
    return false;
  }
  outputs_.emplace_back(Close{old, Farewell::kReplaced});
  log_.warning(fmt::format("client {} has a new link; the old one is closed", fresh.key));
  drop_session(old, now);
  return true;
}

void Coordinator::leave(SessionId id, Time now) {
  note_away(id);
  drop_session(id, now);
  advance(now);
}

void Coordinator::drop_session(SessionId id, Time now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) {
    return;
  }
  const Session session = found->second;
  sessions_.erase(found);
  by_key_.erase(session.key);
  if (session.pending == Pending::kParameters && phase_ == Phase::kInitial &&
      !session.cannot_offer) {
    phase_ = Phase::kIdle;
    due_.reset();
  }
  if (session.pending == Pending::kFit) {
    if (const auto asked = asked_.find(session.key);
        asked != asked_.end() && asked->second.report.fate == Fate::kAsked) {
      asked->second.lost = now;
    }
  }
  if (const auto row = evaluating_.find(session.key);
      row != evaluating_.end() && row->second == id) {
    evaluating_.erase(row);
  }
  forget(session.key, session.named);
}

// What need not be remembered of a client that is away: strangers, and addresses, which will never
// come again. Otherwise everybody could fill the memory with new names, and all would weigh as
// registered clients.
void Coordinator::forget(const std::string& key, bool named) {
  const auto history = state_.histories.find(key);
  if (history == state_.histories.end() || asked_.contains(key) || session_of(key) != 0) {
    return;
  }
  if (!named || is_stranger(history->second)) {
    state_.histories.erase(history);
    strategy_.forget(key);
  }
}

// Flower's clients that are sent home may go without a word.
void Coordinator::note_away(SessionId id) {
  const Session* session = find(id);
  if (session == nullptr || !session->named) {
    return;
  }
  const bool sent_home = session->pending == Pending::kEnd && session->token.empty();
  const auto history = state_.histories.find(session->key);
  const bool stranger = history == state_.histories.end() || is_stranger(history->second);
  if (!sent_home && !stranger) {
    away_[session->key] = state_.round;
  }
}

void Coordinator::forget_long_away() {
  std::erase_if(away_, [this](const auto& one) {
    constexpr std::uint64_t kLastRounds = 2;
    return one.second + kLastRounds < state_.round;
  });
}

std::size_t Coordinator::awaited() const {
  return failure_ ? 0 : away_.size();  // after a failure they are to come back to a later server
}

// Gives a client known by its address the name that it tells, where nobody else has it now. It may
// have had it before, on a link that is gone: then it goes on as that client, also in this round.
void Coordinator::rename(SessionId id, const wire::Config& metrics) {
  Session& session = *find(id);
  const auto told = told_name(metrics);
  if (session.named || !told || session_of(*told) != 0) {
    return;
  }
  const std::string& name = *told;
  session.named = true;
  auto history = state_.histories.extract(session.key);
  if (!state_.histories.contains(name) && !history.empty()) {
    history.key() = name;
    state_.histories.insert(std::move(history));
  }
  if (auto asked = asked_.extract(session.key); !asked.empty() && !asked_.contains(name)) {
    asked.key() = name;
    asked.mapped().report.client = name;
    asked.mapped().named = true;
    asked_.insert(std::move(asked));
  }
  if (auto row = evaluating_.extract(session.key); !row.empty()) {
    row.key() = name;
    evaluating_.insert(std::move(row));
  }
  by_key_.erase(session.key);
  by_key_[name] = id;
  session.key = name;
}

// After rename(): a link without a name tells one that another link has. Nobody answers for the
// client that is there.
bool Coordinator::claims_another(SessionId id, const wire::Config& metrics) const {
  const auto told = told_name(metrics);
  const SessionId owner = told ? session_of(*told) : 0;
  return !sessions_.at(id).named && owner != 0 && owner != id;
}

void Coordinator::send(SessionId id, wire::ServerMessage message, Pending pending, Time now) {
  Session& session = *find(id);
  session.since = now;
  session.pending = pending;
  session.round = state_.round + 1;
  outputs_.emplace_back(Send{id, std::move(message)});
}

// --- events ---

void Coordinator::receive(SessionId id, const wire::ClientMessage& message, std::size_t bytes,
                          Time now) {
  Session* session = find(id);
  if (session == nullptr) {
    return;
  }
  if (std::holds_alternative<wire::Disconnect>(message)) {
    outputs_.emplace_back(Close{id, Farewell::kDone});
    drop_session(id, now);
    advance(now);
    return;
  }
  const Pending pending = std::exchange(session->pending, Pending::kNothing);
  note_time(now - session->since);
  if (const auto* fit = std::get_if<wire::FitResult>(&message); fit && pending == Pending::kFit) {
    take_fit(id, *fit, bytes, now);
  } else if (const auto* result = std::get_if<wire::EvaluateResult>(&message);
             result && pending == Pending::kEvaluate) {
    take_evaluation(id, *result, bytes);
  } else if (const auto* offer = std::get_if<wire::ParametersResult>(&message);
             offer && pending == Pending::kParameters) {
    take_model(id, *offer);
  } else {
    session->pending = pending;
    receive_damaged(id, Error{Errc::kInput, "it answered something that it was not asked", "", {}},
                    now);
    return;
  }
  advance(now);
}

void Coordinator::receive_damaged(SessionId id, const Error& error, Time now) {
  if (const Session* session = find(id)) {
    log_.warning(fmt::format("client {}: {}; its link is closed", session->key,
                             shown_text(error.message, kLongestReason)));
    outputs_.emplace_back(Close{id, Farewell::kRefused});
    drop_session(id, now);
    advance(now);
  }
}

void Coordinator::tick(Time now) {
  advance(now);
}

std::vector<Output> Coordinator::take_outputs() {
  return std::exchange(outputs_, {});
}

// --- phases ---

void Coordinator::advance(Time now) {
  while (step(now)) {
  }
  if (phase_ == Phase::kDone) {
    say_goodbye(now);
  }
}

// After a failure clients are not sent home: a server that is resumed will need them.
void Coordinator::say_goodbye(Time now) {
  if (failure_) {
    while (!sessions_.empty()) {
      const SessionId id = sessions_.begin()->first;
      outputs_.emplace_back(Close{id, Farewell::kStopping});
      drop_session(id, now);
    }
  }
  for (auto& [id, session] : sessions_) {
    if (session.pending == Pending::kNothing) {
      send(id, wire::Reconnect{0}, Pending::kEnd, now);
    }
  }
}

// Whether something changed, so that the next step may find more to do.
bool Coordinator::step(Time now) {
  switch (phase_) {
    case Phase::kIdle:
      return begin_anything(now);
    case Phase::kFit:
      return end_fit_if_due(now);
    case Phase::kProbe:
      return end_probe_if_due(now);
    case Phase::kEvaluate:
      return end_evaluate_if_due(now);
    case Phase::kInitial:
      pass_over_silent(now);
      return phase_ != Phase::kInitial;
    case Phase::kDone:
      return false;
  }
  return false;
}

bool Coordinator::begin_anything(Time now) {
  if (state_.round >= rules_.rounds) {
    end_run();
    return true;
  }
  if (!state_.model) {
    return ask_for_model(now);
  }
  if (strategy_.exhausted()) {
    stop_reason_ = fmt::format("round {} would exceed --dp-target-epsilon", state_.round + 1);
    log_.info(stop_reason_ + ": the run ends here");
    end_run();
    return true;
  }
  // Clients that are still busy with an earlier round are there, too: a slow one must not hold up
  // the others.
  const std::size_t idle = idle_clients().size();
  if (sessions_.size() < rules_.min_available ||
      idle < std::max<std::size_t>(rules_.secure ? 2 : 1, rules_.min_results)) {
    return false;
  }
  begin_fit(now);
  return true;
}

void Coordinator::fail_run(Error error) {
  failure_ = std::move(error);
  end_run();
}

void Coordinator::end_run() {
  phase_ = Phase::kDone;
  due_.reset();
}

std::optional<Time> Coordinator::wake_at() const {
  std::optional<Time> soonest = due_;
  if (warn_at_ && phase_ == Phase::kFit) {
    soonest = soonest ? std::min(*soonest, *warn_at_) : *warn_at_;
  }
  for (const auto& [key, asked] : asked_) {
    if (phase_ == Phase::kFit && asked.report.fate == Fate::kAsked && asked.lost) {
      const Time end = *asked.lost + rules_.rejoin_grace;
      soonest = soonest ? std::min(*soonest, end) : end;
    }
  }
  return soonest;
}

std::string Coordinator::activity() const {
  switch (phase_) {
    case Phase::kFit:
      return fmt::format("round {}: {} of {} answers", state_.round + 1, answers(), target_);
    case Phase::kProbe:
      return fmt::format("round {}: {} clients still tell their loss", state_.round + 1,
                         evaluating_.size());
    case Phase::kEvaluate:
      return fmt::format("round {}: {} clients still evaluate", state_.round, evaluating_.size());
    case Phase::kInitial:
      return "waiting for the initial model";
    case Phase::kDone:
      return "done";
    case Phase::kIdle:
      break;
  }
  return fmt::format("waiting for clients: {} of {}, {} idle", sessions_.size(),
                     rules_.min_available, idle_clients().size());
}

}  // namespace marvel::federate
