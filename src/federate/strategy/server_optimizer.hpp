#pragma once

#include "base/result.hpp"
#include "federate/array/tensor.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace marvel::federate {

// How the server moves from its model x towards the clients' mean. Reddi et al., "Adaptive
// Federated Optimization" (ICLR 2021, arXiv 2003.00295), algorithm 2; FedAvgM of Hsu et al.
// (arXiv 1909.06335). With Delta = mean - x, per element:
//   kNone      x <- mean
//   kMomentum  v <- mu v - Delta;                           x <- x - lr v
//   kAdam      m <- b1 m + (1-b1) Delta, v <- b2 v + (1-b2) Delta^2
//   kYogi      the same m,              v <- v - (1-b2) Delta^2 sign(v - Delta^2)
//   kAdagrad   m <- Delta,              v <- v + Delta^2
//   the last three:                     x <- x + lr m / (sqrt(v) + tau)
// m and v start at zero. There is no correction of their bias, as in Flower up to 1.12, unless
// `bias_correction`: then FedAdam's lr is lr sqrt(1 - b2^(t+1)) / (1 - b1^(t+1)) in round t, as in
// Flower from 1.20 on.
//
// All is computed in the tensor's own precision, whole numbers in double, and no result is rounded
// to whole numbers here (round_integers).
enum class OptimizerKind { kNone, kMomentum, kAdam, kYogi, kAdagrad };

struct OptimizerOptions {
  // What `kind` does not name in its formula is not used.
  OptimizerKind kind = OptimizerKind::kNone;
  double lr = 1.0;
  double momentum = 0.0;  // mu
  double beta1 = 0.9;
  double beta2 = 0.99;
  double tau = 1e-9;
  bool bias_correction = false;
};

// Holds the moments of one run between its rounds: none for kNone, v for kMomentum, v and m for the
// others. They take memory from the first step on. Used by one thread at a time.
class ServerOptimizer {
 public:
  explicit ServerOptimizer(const OptimizerOptions& options) : options_(options) {}

  // Turns the clients' `mean` into the next model, in place. `finite`: all_finite(mean), which
  // callers know from adding up. `round` counts from 1. kFailed, with the moments as they were,
  // when the mean or the square of its step is no finite number. `mean` is shaped as `global`, and
  // that as in every step before.
  Status step(const Model& global, Model& mean, bool finite, std::uint64_t round);

  // Whether step() squares what it steps by: updates must then bear that (check_squarable).
  [[nodiscard]] bool squares() const;

  // The moments, for a checkpoint: none, or one or two models shaped as the global one (v, then m),
  // as float32 or float64. They are this object's own and stay valid until its next step.
  [[nodiscard]] std::vector<const Model*> moments() const;
  // kInput when they do not fit what this optimiser keeps. Empty: start from zero.
  Status restore(std::vector<Model> moments, const Model& global);

 private:
  void start(const Model& global);
  [[nodiscard]] std::size_t kept() const;

  OptimizerOptions options_;
  Model m_;
  Model v_;
};

}  // namespace marvel::federate
