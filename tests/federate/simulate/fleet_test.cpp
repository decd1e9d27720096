#include "federate/simulate/fleet.hpp"

#include "federate/model_builder.hpp"
#include "federate/strategy/update.hpp"

#include <cmath>
#include <map>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::parameters_of;
using test_models::values_of;

}  // namespace

TEST_CASE("machines of one seed are the same, and differ from one another") {
  const SimulateOptions options;
  Machine a(options, 1);
  Machine again(options, 1);
  Machine b(options, 2);
  CHECK(a.work(1000) == again.work(1000));
  CHECK(a.up(1'000'000) == again.up(1'000'000));
  CHECK(a.pause() == again.pause());
  CHECK(a.work(100'000) != b.work(100'000));
}

TEST_CASE("speed and bandwidth are within half and twice of what was asked for") {
  SimulateOptions options;
  options.link.latency = Time(0);
  options.link.bandwidth_up = 1e6;
  options.link.samples_per_second = 100;
  for (int client = 0; client < 200; ++client) {
    const Machine machine(options, client);
    CHECK(machine.up(10'000'000) >= Time(5000));
    CHECK(machine.up(10'000'000) <= Time(20001));
    CHECK(machine.work(1000) >= Time(5000));
    CHECK(machine.work(1000) <= Time(20001));
  }
}

TEST_CASE("a client is there for its share of time") {
  SimulateOptions options;
  options.faults.availability_low = options.faults.availability_high = 0.3;
  options.faults.cycle = Time(10000);
  double there = 0;
  double away = 0;
  Machine machine(options, 5);
  CHECK_FALSE(machine.always_there());
  for (int i = 0; i < 20000; ++i) {
    there += static_cast<double>(machine.stay().count());
    away += static_cast<double>(machine.absence().count());
  }
  CHECK(there / (there + away) == doctest::Approx(0.3).epsilon(0.03));
  CHECK((there + away) / 20000 == doctest::Approx(10000).epsilon(0.03));
}

TEST_CASE("faults come as often as they should") {
  SimulateOptions options;
  options.faults.dropout = 0.2;
  options.faults.corrupt = 0.3;
  Machine machine(options, 0);
  int dropouts = 0;
  std::map<Damage, int> damages;
  for (int i = 0; i < 30000; ++i) {
    dropouts += machine.drops_out() ? 1 : 0;
    ++damages[machine.damage()];
  }
  CHECK(dropouts / 30000.0 == doctest::Approx(0.2).epsilon(0.05));
  for (const Damage kind : {Damage::kNan, Damage::kShape, Damage::kCutOff}) {
    CHECK(damages[kind] / 30000.0 == doctest::Approx(0.1).epsilon(0.08));
  }
}

TEST_CASE("slow and poisonous clients are a share of all") {
  SimulateOptions options;
  options.faults.slow = 0.25;
  options.faults.slow_factor = 100;
  options.faults.poison = 0.1;
  int slow = 0;
  int poisonous = 0;
  for (int client = 0; client < 4000; ++client) {
    const Machine machine(options, client);
    slow += machine.work(1000) > Time(10000) ? 1 : 0;
    poisonous += machine.poisons() ? 1 : 0;
  }
  CHECK(slow / 4000.0 == doctest::Approx(0.25).epsilon(0.1));
  CHECK(poisonous / 4000.0 == doctest::Approx(0.1).epsilon(0.15));
}

TEST_CASE("damage is what the server refuses, and poison what it cannot see") {
  const Model global = model_of({1, 1});
  const auto good = parameters_of(model_of({2, 3}));
  CHECK(Update::check(good, global));
  for (const Damage damage : {Damage::kNan, Damage::kShape}) {
    auto bad = good;
    apply(damage, bad);
    CHECK_FALSE(Update::check(bad, global));
  }
  auto kept = good;
  apply(Damage::kNone, kept);
  CHECK(values_of(decode_parameters(kept).value()) == std::vector<double>{2, 3});
  const auto turned = poisoned(good, parameters_of(global));
  CHECK(Update::check(turned, global));
  CHECK(values_of(decode_parameters(turned).value()) == std::vector<double>{-2, -5});
}

}  // namespace marvel::federate
