// What the coordinator tells of itself while it works.
#include "federate/server/coordinator.hpp"
#include "federate/strategy/update.hpp"

#include <algorithm>
#include <utility>

namespace marvel::federate {

std::string Coordinator::phase_name() const {
  switch (phase_) {
    case Phase::kInitial:
      return "initial";
    case Phase::kProbe:
      return "probe";
    case Phase::kFit:
      return "training";
    case Phase::kEvaluate:
      return "evaluation";
    case Phase::kDone:
      return "done";
    case Phase::kIdle:
      break;
  }
  return "waiting";
}

ClientState Coordinator::client_state(const std::string& key) const {
  const auto session = sessions_.find(session_of(key));
  if (session == sessions_.end()) {
    return ClientState::kAway;
  }
  switch (session->second.pending) {
    case Pending::kParameters:
      return ClientState::kOffers;
    case Pending::kFit:
      return ClientState::kTrains;
    case Pending::kEvaluate:
      return ClientState::kEvaluates;
    case Pending::kEnd:
      return ClientState::kLeaves;
    case Pending::kNothing:
      break;
  }
  return ClientState::kIdle;
}

ClientSnapshot Coordinator::client_snapshot(const std::string& key, const ClientHistory& history,
                                            Time now) const {
  ClientSnapshot row;
  row.client = key;
  row.state = client_state(key);
  row.examples = history.examples;
  row.selected = history.selected;
  row.merged = history.merged;
  row.refused = history.refused;
  row.last_merged = history.last_merged;
  row.availability = history.availability;
  row.loss = history.loss;
  row.accuracy = history.accuracy;
  if (const auto asked = asked_.find(key); asked != asked_.end()) {
    row.fate = asked->second.report.fate;
    if (row.fate == Fate::kAsked) {
      row.asked_for = now - asked->second.since;
    }
  }
  return row;
}

ServerSnapshot Coordinator::snapshot(Time now) const {
  ServerSnapshot found;
  found.run = state_.run;
  found.phase = phase_name();
  found.activity = activity();
  found.rounds = rules_.rounds;
  found.rounds_done = state_.round;
  found.parameters = state_.model ? model_elements(*state_.model) : 0;
  found.connected = sessions_.size();
  found.privacy = state_.privacy;
  if (phase_ == Phase::kFit) {
    found.answers = answers();
    found.wanted = target_;
    found.quorum = quorum_;
  }
  if (due_) {
    found.due_in = std::max(Time(0), *due_ - now);
  }
  if (!reports_.empty()) {
    found.last = reports_.back();
  }
  for (const auto& [key, history] : state_.histories) {
    found.clients.push_back(client_snapshot(key, history, now));
  }
  return found;
}

}  // namespace marvel::federate
