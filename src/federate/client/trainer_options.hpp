#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace marvel::federate {

// How training samples are dealt to clients; see partition.hpp. kIid makes their data alike; with
// kDirichlet each has more of some labels than of others.
enum class Deal { kIid, kDirichlet };

// What a client of marvel's own trains. It is what the flags of `marvel fedl client` say of
// training. All clients of a run have the same layers, clients, deal, alpha and seed, so that their
// models fit and each sample has one owner.
struct TrainerOptions {
  std::string model = "mlp";                   // or "l0mlp", with gates
  std::vector<int> layers{784, 300, 100, 10};  // units from input to output
  // A named data set ("mnist", "fashion-mnist") or a folder with the four IDX files.
  std::string data;
  int client = 0;   // which share of the data, from 0
  int clients = 1;  // shares in all
  Deal deal = Deal::kIid;
  double alpha = 0.3;  // of kDirichlet, > 0: the smaller, the less alike the clients
  // Share of its training samples that a client keeps back to measure with, [0, 0.9]; the same ones
  // in every round.
  double validation = 0;
  int epochs = 1;  // per round
  int batch_size = 64;
  double lr = 1e-3;                 // of Adam
  std::vector<double> lambda{0.1};  // l0mlp: price of an open gate, one per layer or one for all
  double gate_lr = 2e-2;            // l0mlp: Adam step size of gates
  int warmup_rounds = 1;            // l0mlp: rounds before gates have a price
  // Of the deal, the first model, the order of samples and the gates' noise: the same seed, round
  // and client draw the same.
  std::uint64_t seed = 1;
  int threads = 1;  // 0: all cores, two at most
};

// kUsage, naming the flag and the allowed range.
Status validate(const TrainerOptions& options);

}  // namespace marvel::federate
