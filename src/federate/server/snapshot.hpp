#pragma once

#include "federate/server/round_report.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::federate {

// What a running server is doing, for its administrator. Plain data, taken under the hall's lock
// and shown without it: Coordinator::snapshot() fills in what the coordinator knows, the server
// around it adds strategy, totals, seconds and stale, and status_json() or metrics_text() write it.

// What a client is doing now.
enum class ClientState {
  kAway,       // known, but not connected
  kIdle,       // connected, with nothing to do
  kOffers,     // asked for the initial model
  kTrains,     // has been sent a model
  kEvaluates,  // has been sent a new model to measure
  kLeaves,     // has been told that the run is over
};
// The word in status and metrics: "away", "trains".
[[nodiscard]] std::string_view client_state_name(ClientState state);

// One client that the server remembers: each that is connected, and others that were asked before.
struct ClientSnapshot {
  std::string client;
  ClientState state = ClientState::kAway;
  std::optional<Fate> fate;  // in the round under way, if it was asked
  std::optional<std::chrono::milliseconds>
      asked_for;                   // since it was asked, while it has not answered
  std::uint64_t examples = 0;      // of its last update; 0: not known yet
  std::uint64_t selected = 0;      // rounds in which it was asked
  std::uint64_t merged = 0;        // rounds whose model holds an update of it
  std::uint64_t refused = 0;       // updates that did not fit
  std::uint64_t last_merged = 0;   // round, from 1; 0: never
  double availability = 1;         // running mean, [0, 1]
  std::optional<double> loss;      // last one it told
  std::optional<double> accuracy;  // likewise, [0, 1]
};

// Sums over finished rounds, since this process began. Counters for Prometheus, so they never go
// down and do not outlive the process. Numbers of clients unless they say otherwise; clients that
// trained and were not drawn (kReported) are in none of them.
struct ServerTotals {
  std::uint64_t rounds = 0;
  std::uint64_t merged = 0;  // updates in models, carried ones not counted
  std::uint64_t carried = 0;
  std::uint64_t empty = 0;
  std::uint64_t refused = 0;
  std::uint64_t gone = 0;
  std::uint64_t late = 0;
  std::uint64_t voided = 0;  // updates of rounds that merged nothing
  std::uint64_t bytes_down = 0;
  std::uint64_t bytes_up = 0;

  // Called once per finished round.
  void add(const RoundReport& report);
};

// The run as a whole. The numbers of answers are 0 outside of training.
struct ServerSnapshot {
  std::string run;
  std::string strategy;
  std::string phase;              // "waiting", "initial", "probe", "training", "evaluation", "done"
  std::string activity;           // the same as a sentence for people
  std::uint64_t rounds = 0;       // in all
  std::uint64_t rounds_done = 0;  // those before a resume included
  std::uint64_t parameters = 0;   // of the model; 0: there is none yet
  std::uint64_t connected = 0;    // clients
  std::uint64_t answers = 0;      // in the round under way
  std::uint64_t wanted = 0;       // answers that end it at once
  std::uint64_t quorum = 0;       // answers that end it at its deadline
  std::optional<std::chrono::milliseconds> due_in;  // of the deadline; none: there is no deadline
  double seconds = 0;                               // since this process began
  bool stale = false;  // the server was too busy to look: this is how it was
  ServerTotals totals;
  std::optional<PrivacyReport> privacy;  // of finished rounds
  std::optional<RoundReport> last;       // finished round
  std::vector<ClientSnapshot> clients;   // by name
};

// One document, schema "marvel.fedl.status/1"; docs/formats/fedl.md has the keys. One line with a
// line end. Names that are no UTF-8 get U+FFFD in place of the bad bytes.
std::string status_json(const ServerSnapshot& snapshot);
// The text format of Prometheus; docs/formats/fedl.md has the names. Losses, times and epsilon are
// left out until they are known. One row per client that the server remembers.
std::string metrics_text(const ServerSnapshot& snapshot);

}  // namespace marvel::federate
