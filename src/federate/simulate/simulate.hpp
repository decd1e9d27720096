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

// What the faults of a simulation have done.
struct SimulatedEvents {
  std::uint64_t departures = 0;  // clients that went away for a while
  std::uint64_t dropouts = 0;    // links that broke between order and answer
  std::uint64_t corrupted = 0;   // updates that arrived damaged
  std::uint64_t poisoned = 0;    // updates that lead away from the aim
  std::uint64_t trained = 0;     // rounds of work that clients did
  std::uint64_t resent = 0;      // updates that were sent again without another training
  std::uint64_t reconnects = 0;  // links after each client's first
};

struct SimulationReport {
  std::uint64_t seed = 0;
  int clients = 0;
  SimulatedEvents events;
  ServerReport server;  // its times are simulated ones
};

// The clients' part of a simulation, and what is watched of the server's.
struct SimulatedPeople {
  // The trainer of client 0 .. clients - 1; called once for each.
  std::function<Result<std::unique_ptr<Trainer>>(int client)> trainer;
  // How many samples it trains on in an epoch, for the time it takes; empty: 1.
  std::function<double(int client)> samples;
  // Measures each new model; null: nobody does.
  std::unique_ptr<Trainer> evaluator;
  // Called with each state that a checkpoint would hold; may be empty.
  std::function<void(const RunState&)> saved;
};

// The light trainers (light_trainer.hpp) on shares of the data that `options` name.
Result<SimulatedPeople> light_people(const SimulateOptions& options);

// A server and its clients in one process on a clock of their own: the coordinator, the strategies
// and the clients' conversations are the real ones, and so are the messages' bytes; the network
// between them, the clients' speed and their faults are simulated. One thread; the same options
// give the same report, to the bit, on the same machine.
//   kUsage        impossible options, or a strategy that needs special clients
//   kFailed       the run did not end within options.limit
//   kUnavailable  stopped, or the strategy's spool cannot be written
Result<SimulationReport> simulate(const SimulateOptions& options, const SimulatedPeople& people,
                                  Context& context);

// Schema "marvel.fedl.simulation/1"; ends with a line end.
std::string simulation_json(const SimulationReport& report);

}  // namespace marvel::federate
