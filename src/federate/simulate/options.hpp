#pragma once

#include "base/result.hpp"
#include "federate/client/trainer_options.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/strategy/strategy.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace marvel::federate {

// What goes wrong in a simulation, and how often (see fleet.hpp). The defaults are a fleet without
// faults.
struct SimulatedFaults {
  // Below 1 a client comes and goes, and its links and unfinished work go with it.
  double availability_low = 1;              // share of time that a client is there: each draws its
  double availability_high = 1;             // own between these two, (0, 1]
  std::chrono::milliseconds cycle{600000};  // mean time from one departure to the next
  double dropout = 0;  // chance that a client's link breaks before its update is there, [0, 1)
  double corrupt = 0;  // chance that an update arrives damaged: NaN, another shape, cut off; [0, 1)
  double poison = 0;   // share of clients whose updates lead away from the aim, [0, 1]
  // Slower means training and both bandwidths; the latency stays.
  double slow = 0;          // share of clients that are slow_factor slower in all they do, [0, 1]
  double slow_factor = 10;  // at least 1
};

// What a client can do. Each draws its own speed and bandwidth between half and twice of these,
// alike on a logarithmic scale, and has the latency as it is.
struct SimulatedLink {
  double bandwidth_up = 1.25e6;           // bytes per second, above 0
  double bandwidth_down = 6.25e6;         // likewise
  std::chrono::milliseconds latency{40};  // one way
  double samples_per_second = 1000;       // of training, above 0; evaluation is three times as fast
};

// Everything `marvel fedl simulate` can be told. Rules and strategy are those of a server, and mean
// the same. With made-up data all samples are dealt out among the clients, so their number grows
// with `clients`; a data set's are dealt out as they are. Simulated clients take no part in secure
// sums (rules.secure).
struct SimulateOptions {
  int clients = 100;  // 1 to 100000
  RoundRules rules;   // with the seed of the whole simulation
  StrategyOptions strategy;
  SimulatedFaults faults;
  SimulatedLink link;
  std::string data;  // as for compress train; empty: made up
  int samples = 60;  // of made-up data: per client on average, at least 1
  int hidden = 32;   // units of the network's hidden layer; 0: none (a softmax regression)
  // How samples are dealt out among the clients (client/partition.hpp).
  Deal deal = Deal::kIid;
  double alpha = 0.3;                  // of kDirichlet, above 0
  int epochs = 1;                      // per round, at least 1
  int batch_size = 16;                 // at least 1
  double lr = 0.05;                    // of stochastic gradient descent, above 0
  std::chrono::hours limit{24 * 365};  // of simulated time: a run that cannot end is an error
};

// kUsage, naming the flag and the allowed range. Also for what cannot be simulated: kDynHp, whose
// clients need gates, and noise by clients, which would differ from run to run.
Status validate(const SimulateOptions& options);

}  // namespace marvel::federate
