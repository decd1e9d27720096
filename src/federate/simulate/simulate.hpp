#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"
#include "federate/server/report_json.hpp"
#include "federate/simulate/options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace marvel::federate {

// What the faults of a simulation have done, all clients and rounds together. The server's own view
// of the same, such as who was late, is in its round reports.
struct SimulatedEvents {
  std::uint64_t departures = 0;  // clients that went away for a while
  std::uint64_t dropouts = 0;    // links that broke between order and answer
  std::uint64_t corrupted = 0;   // updates that arrived damaged
  std::uint64_t poisoned = 0;    // updates that lead away from the aim
  std::uint64_t trained = 0;     // rounds of work that clients did
  std::uint64_t resent = 0;      // updates that were sent again without another training
  std::uint64_t reconnects = 0;  // links after each client's first
};

// What a run leaves, beside its model: that is only seen by SimulatedPeople::saved and the
// evaluator.
struct SimulationReport {
  std::uint64_t seed = 0;
  int clients = 0;
  SimulatedEvents events;
  ServerReport server;  // its times are simulated ones
};

// The clients' part of a simulation, and what is watched of the server's. light_people() is the
// usual one; a test brings trainers of its own.
struct SimulatedPeople {
  // The trainer of client 0 .. clients - 1; called once for each, before the first event. An error
  // ends the run. Trainers are called one at a time and may share what they like.
  std::function<Result<std::unique_ptr<Trainer>>(int client)> trainer;
  // How many samples it trains on in an epoch, for the time it takes (options.link,
  // options.epochs); empty: 1. Called once for each client.
  std::function<double(int client)> samples;
  // Measures each new model, as a server with test data of its own does; null: nobody does.
  std::unique_ptr<Trainer> evaluator;
  // Called with each state that a checkpoint would hold; may be empty.
  std::function<void(const RunState&)> saved;
};

// The light trainers (light_trainer.hpp) on shares of the data that `options` name, and one on all
// test samples that measures. Errors of image_data; `options` must be valid.
Result<SimulatedPeople> light_people(const SimulateOptions& options);

// A server and its clients in one process on a clock of their own: the coordinator, the strategies
// and the clients' conversations are the real ones, and so are the messages' bytes; the network
// between them, the clients' speed and their faults are simulated. One thread; the same options
// give the same report, to the bit, on the same machine. Coins and noise of a private run come from
// the seed too, so they protect nobody.
//
// It costs the work of the trainers and the messages, no waiting: the clock jumps from one event to
// the next. Warnings of the server are logged as details only, since faults are what was asked for.
// `people` must outlive the call; a raised stop flag ends it between two events or clients.
//   kUsage        impossible options, or a strategy that needs special clients
//   kFailed       the run did not end within options.limit, or nothing happens any more, as with
//                 fewer clients than must be there before a round begins
//   kUnavailable  stopped, or the strategy's spool cannot be written
// Errors of trainers and evaluator end the run and come back as they are.
Result<SimulationReport> simulate(const SimulateOptions& options, const SimulatedPeople& people,
                                  Context& context);

// Schema "marvel.fedl.simulation/1" (docs/formats/fedl.md), indented; ends with a line end.
// "server" in it is the document of a real server's run.
std::string simulation_json(const SimulationReport& report);

}  // namespace marvel::federate
