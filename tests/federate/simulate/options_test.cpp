#include "federate/simulate/options.hpp"

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

PrivacyOptions with_noise(double noise) {
  PrivacyOptions options;
  options.clip = 1;
  options.noise = noise;
  return options;
}

}  // namespace

TEST_CASE("the defaults are a run") {
  CHECK(validate(SimulateOptions()));
}

TEST_CASE("a run may be private") {
  SimulateOptions options;
  options.strategy.privacy = with_noise(1);
  CHECK(validate(options));
}

TEST_CASE("each impossible setting is refused by the name of its flag") {
  struct Row {
    const char* flag;
    std::function<void(SimulateOptions&)> spoil;
  };
  const std::vector<Row> rows{
      {"--clients", [](auto& o) { o.clients = 0; }},
      {"--rounds", [](auto& o) { o.rules.rounds = 0; }},
      {"--trim", [](auto& o) { o.strategy.trim = 0.5; }},
      {"--availability", [](auto& o) { o.faults.availability_low = 0; }},
      {"--availability", [](auto& o) { o.faults.availability_high = 0.5; }},
      {"--cycle", [](auto& o) { o.faults.cycle = Time(0); }},
      {"--dropout", [](auto& o) { o.faults.dropout = 1; }},
      {"--corrupt", [](auto& o) { o.faults.corrupt = -0.1; }},
      {"--poison", [](auto& o) { o.faults.poison = 1.1; }},
      {"--slow", [](auto& o) { o.faults.slow = 2; }},
      {"--slow-factor", [](auto& o) { o.faults.slow_factor = 0.5; }},
      {"--bandwidth-up", [](auto& o) { o.link.bandwidth_up = 0; }},
      {"--bandwidth-down", [](auto& o) { o.link.bandwidth_down = 0; }},
      {"--latency", [](auto& o) { o.link.latency = Time(-1); }},
      {"--speed", [](auto& o) { o.link.samples_per_second = 0; }},
      {"--samples", [](auto& o) { o.samples = 0; }},
      {"--hidden", [](auto& o) { o.hidden = -1; }},
      {"--alpha", [](auto& o) { o.alpha = 0; }},
      {"--epochs", [](auto& o) { o.epochs = 0; }},
      {"--batch-size", [](auto& o) { o.batch_size = 0; }},
      {"--lr", [](auto& o) { o.lr = 0; }},
      {"--strategy dynhp", [](auto& o) { o.strategy.kind = StrategyKind::kDynHp; }},
      {"--dp-noise", [](auto& o) { o.strategy.privacy = with_noise(0); }},
      {"--dp-clip",
       [](auto& o) {
         o.strategy.privacy = with_noise(1);
         o.rules.carry_late = true;
       }},
      {"--dp-mode client", [](auto& o) {
         o.strategy.privacy = with_noise(1);
         o.strategy.privacy->mode = PrivacyMode::kClient;
       }}};
  for (const auto& row : rows) {
    CAPTURE(row.flag);
    SimulateOptions options;
    row.spoil(options);
    const Status found = validate(options);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::kUsage);
    CHECK(found.error().message.find(row.flag) != std::string::npos);
  }
}

}  // namespace marvel::federate
