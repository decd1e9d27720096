#pragma once

#include "base/random.hpp"
#include "federate/simulate/options.hpp"
#include "federate/wire/message.hpp"

#include <cstddef>
#include <cstdint>

namespace marvel::federate {

// What may happen to an update on its way: a NaN in its first tensor, one tensor too many, or half
// of the message missing. The server must refuse each of them.
enum class Damage { kNone, kNan, kShape, kCutOff };

// One simulated machine: what it can do and what befalls it. All is drawn from a stream of its own,
// so that one client's fate does not depend on the others' number of draws.
//
// Its speed, both bandwidths and its availability are drawn once, at the start; functions that are
// not const draw again in each call. Times are simulated ones, of at least 1 ms where they are
// random.
class Machine {
 public:
  // A pure function of options.rules.seed, `client` (from 0) and the faults and links of `options`,
  // which need not outlive it.
  Machine(const SimulateOptions& options, int client);

  // How long it stays, and stays away: exponential times whose means add up to
  // SimulatedFaults::cycle, so that it is there for its share of time. Not to be asked of one that
  // is always there.
  [[nodiscard]] bool always_there() const { return availability_ >= 1; }
  [[nodiscard]] bool there_at_first() { return random_.uniform() < availability_; }
  Time stay();
  Time absence();

  // For a message of so many bytes: latency once, and the bytes at its bandwidth.
  [[nodiscard]] Time down(std::size_t bytes) const;
  [[nodiscard]] Time up(std::size_t bytes) const;
  // For so many samples of training.
  [[nodiscard]] Time work(double samples) const;

  // Whether the link breaks before the next answer is there, and at which share, [0, 1), of the
  // way.
  bool drops_out() { return random_.uniform() < faults_.dropout; }
  double share_of_way() { return random_.uniform(); }
  Time pause();  // until it comes back

  // What the next update suffers on its way. Poison is a trait of the machine, damage a matter of
  // chance.
  Damage damage();
  [[nodiscard]] bool poisons() const { return poisons_; }

 private:
  Time exponential(double mean_ms);

  SimulatedFaults faults_;
  CounterRng random_;
  double availability_ = 1;
  double samples_per_ms_ = 1;
  double up_per_ms_ = 1;
  double down_per_ms_ = 1;
  Time latency_{0};
  bool poisons_ = false;
};

// Puts a NaN into the update, or one tensor too many. Nothing for the other kinds: a message is cut
// off when it is bytes. Nor for an update without tensors.
void apply(Damage damage, wire::Parameters& update);
// global - 3 (update - global): turned around, which no check can see. An update that is encoded,
// and so no array, goes as it is.
wire::Parameters poisoned(const wire::Parameters& update, const wire::Parameters& global);

}  // namespace marvel::federate
