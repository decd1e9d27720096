#include "federate/privacy/options.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

PrivacyOptions usual() {
  PrivacyOptions options;
  options.clip = 1;
  options.noise = 1.5;
  options.sampling_rate = 0.04;
  return options;
}

}  // namespace

TEST_CASE("impossible values are refused by their flag's name") {
  CHECK(validate(usual()).has_value());
  auto options = usual();
  options.clip = 0;
  CHECK(validate(options).error().message == "--dp-clip must be above 0");
  options = usual();
  options.noise = -1;
  CHECK(validate(options).error().message == "--dp-noise must be above 0");
  options = usual();
  options.delta = 1;
  CHECK(validate(options).error().message == "--dp-delta must be in (0, 1)");
}

TEST_CASE("a target that the first round exceeds is refused before any work") {
  auto options = usual();
  options.target_epsilon = 1;
  CHECK(validate(options).has_value());
  options.sampling_rate = 1;
  const auto refused = validate(options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::kUsage);
  CHECK(refused.error().message.starts_with("one round alone costs epsilon"));
}

TEST_CASE("noise of clients is accounted for without sampling and at twice the sensitivity") {
  auto options = usual();
  options.mode = PrivacyMode::kClient;
  CHECK(accounted_rate(options) == 1);
  CHECK(accounted_noise(options) == 0.75);
  CHECK(accounted_rate(usual()) == 0.04);
  CHECK(accounted_noise(usual()) == 1.5);
}

}  // namespace marvel::federate
