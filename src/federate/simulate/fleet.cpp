#include "federate/simulate/fleet.hpp"

#include "federate/strategy/update.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

namespace marvel::federate {
namespace {

constexpr std::uint64_t kMachine = 75;  // random stream

Time milliseconds(double count) {
  return Time(static_cast<std::int64_t>(std::ceil(count)));
}

}  // namespace

Machine::Machine(const SimulateOptions& options, int client)
    : faults_(options.faults),
      random_(stream_key(options.rules.seed, kMachine, static_cast<std::uint64_t>(client))),
      latency_(options.link.latency) {
  const auto between = [this](double low, double high) {
    return low + (high - low) * random_.uniform();
  };
  // Half to twice of the usual, alike on a logarithmic scale.
  const auto own = [&between](double usual) { return usual * std::exp2(between(-1, 1)); };
  availability_ = between(faults_.availability_low, faults_.availability_high);
  const double brake = random_.uniform() < faults_.slow ? faults_.slow_factor : 1;
  constexpr double kPerSecond = 1000;
  samples_per_ms_ = own(options.link.samples_per_second) / brake / kPerSecond;
  up_per_ms_ = own(options.link.bandwidth_up) / brake / kPerSecond;
  down_per_ms_ = own(options.link.bandwidth_down) / brake / kPerSecond;
  poisons_ = random_.uniform() < faults_.poison;
}

Time Machine::exponential(double mean_ms) {
  return milliseconds(1 - mean_ms * std::log(random_.uniform()));
}

// Means that give the wanted share of time.
Time Machine::stay() {
  return exponential(availability_ * static_cast<double>(faults_.cycle.count()));
}
Time Machine::absence() {
  return exponential((1 - availability_) * static_cast<double>(faults_.cycle.count()));
}

Time Machine::down(std::size_t bytes) const {
  return latency_ + milliseconds(static_cast<double>(bytes) / down_per_ms_);
}
Time Machine::up(std::size_t bytes) const {
  return latency_ + milliseconds(static_cast<double>(bytes) / up_per_ms_);
}
Time Machine::work(double samples) const {
  return milliseconds(samples / samples_per_ms_);
}

Time Machine::pause() {
  constexpr double kMean = 2000;
  return exponential(kMean);
}

Damage Machine::damage() {
  if (random_.uniform() >= faults_.corrupt) {
    return Damage::kNone;
  }
  constexpr std::uint32_t kWays = 3;
  switch (random_.below(kWays)) {
    case 0:
      return Damage::kNan;
    case 1:
      return Damage::kShape;
    default:
      return Damage::kCutOff;
  }
}

void apply(Damage damage, wire::Parameters& update) {
  if (update.tensors.empty()) {
    return;
  }
  if (damage == Damage::kShape) {
    update.tensors.push_back(update.tensors.back());
  } else if (damage == Damage::kNan) {
    Tensor broken = make_tensor(Dtype::kFloat32, {1});
    if (auto model = decode_parameters(update); model && (*model)[0].size() > 0) {
      broken = std::move((*model)[0]);  // else it is encoded: the wrong kind will do
    }
    std::visit([](auto& values) { values.front() = std::numeric_limits<float>::quiet_NaN(); },
               broken.values);
    update.tensors[0] =
        encode_parameters(std::make_shared<const Model>(Model{std::move(broken)})).tensors[0];
  }
}

wire::Parameters poisoned(const wire::Parameters& update, const wire::Parameters& global) {
  constexpr double kFar = 3;
  auto model = decode_parameters(update);
  const auto start = decode_parameters(global);
  if (!model || !start) {
    return update;  // encoded: it goes as it is
  }
  for (std::size_t t = 0; t < model->size(); ++t) {
    std::visit(
        [&from = (*start)[t]](auto& values) {
          for (std::size_t i = 0; i < values.size(); ++i) {
            const double far = from.at(i) - kFar * (static_cast<double>(values[i]) - from.at(i));
            values[i] = static_cast<std::decay_t<decltype(values[i])>>(far);
          }
        },
        (*model)[t].values);
  }
  return encode_parameters(std::make_shared<const Model>(std::move(*model)));
}

}  // namespace marvel::federate
