#include "federate/strategy/private_mean.hpp"

#include "federate/model_builder.hpp"
#include "federate/privacy/fake_random.hpp"
#include "federate/privacy/update_privacy.hpp"

#include <cmath>
#include <map>
#include <string>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::parameters_of;
using test_models::update_of;
using test_models::values_of;

StrategyOptions private_options(double clip, double noise, double rate, double expected) {
  StrategyOptions options;
  options.privacy.emplace();
  options.privacy->clip = clip;
  options.privacy->noise = noise;
  options.privacy->sampling_rate = rate;
  options.privacy->expected = expected;
  return options;
}

std::unique_ptr<Strategy> strategy_of(const StrategyOptions& options, std::uint64_t seed = 1) {
  return make_private_mean(options, {}, std::make_unique<test_privacy::SeededRandom>(seed));
}

}  // namespace

TEST_CASE("updates are clipped by the server, count alike and are divided by the expected number") {
  const auto strategy = strategy_of(private_options(5, 1e-9, 1, 4));
  const Model x = model_of({0, 0});
  REQUIRE(strategy->begin(x).has_value());
  REQUIRE(strategy->add(update_of({30, 40}), {1, 1, 1, ""}).has_value());  // 50 long: (3, 4) of it
  REQUIRE(strategy->add(update_of({1, 0}), {1000, 1, 1, ""}).has_value());
  const auto next = strategy->finish(x, {1, 0});
  REQUIRE(next.has_value());
  CHECK(values_of(*next)[0] == doctest::Approx(4.0 / 4).epsilon(1e-6));
  CHECK(values_of(*next)[1] == doctest::Approx(4.0 / 4).epsilon(1e-6));
}

TEST_CASE("the noise on the mean has deviation noise times clip over the expected number") {
  const auto strategy = strategy_of(private_options(2, 3, 1, 4));
  const Model x = model_of(std::vector<double>(20000, 1));
  REQUIRE(strategy->begin(x).has_value());
  REQUIRE(strategy->add(update_of(std::vector<double>(20000, 1)), {1, 1, 1, ""}).has_value());
  const auto next = strategy->finish(x, {1, 0});
  double squares = 0;
  for (const double value : values_of(*next)) {
    squares += (value - 1) * (value - 1);
  }
  CHECK(squares / 20000 == doctest::Approx(1.5 * 1.5).epsilon(0.05));
}

TEST_CASE("a round in which no coin fell releases noise and is accounted for") {
  const auto strategy = strategy_of(private_options(1, 1, 0.1, 2));
  const Model x = model_of({0});
  REQUIRE(strategy->begin(x).has_value());
  const auto next = strategy->finish(x, {1, 0});
  REQUIRE(next.has_value());
  CHECK(values_of(*next)[0] != 0);
  CHECK(strategy->privacy()->releases == std::vector<Release>{{0.1, 1, 1}});
  CHECK(strategy->privacy()->epsilon > 0);
}

TEST_CASE("by availability chances are at most the rate of the account, for the rarest clients") {
  auto options = private_options(1, 1, 0.5, 1);
  options.kind = StrategyKind::kNus;
  options.nus.features = NusFeatures::kAvailability;
  const auto strategy = strategy_of(options);
  REQUIRE(strategy->begin(model_of({0})).has_value());
  Histories histories;
  histories["rare"].availability = 0.1;
  const std::vector<std::string> present{"rare", "steady"};
  std::map<std::string, int> asked;
  for (int i = 0; i < 2000; ++i) {
    for (const auto& pick : strategy->choose(present, histories, 1, 1, 0).picks) {
      CHECK(pick.inclusion <= 0.5);
      ++asked[pick.client];
    }
  }
  CHECK(std::abs(asked["rare"] - 1000) < 100);
  CHECK(std::abs(asked["steady"] - 200) < 60);
  const auto rows = strategy->choose(present, histories, 1, 1, 0).factors;  // for the log
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].availability == 0.1);
  CHECK(rows[0].probability == doctest::Approx(0.5));
  CHECK(rows[1].probability == doctest::Approx(0.1));
  CHECK(rows[0].score == rows[0].rarity);
}

TEST_CASE("each client is asked by a coin of its own") {
  const auto strategy = strategy_of(private_options(1, 1, 0.3, 1));
  REQUIRE(strategy->begin(model_of({0})).has_value());
  const std::vector<std::string> present(50, "client");
  std::size_t asked = 0;
  std::size_t least = present.size();
  std::size_t most = 0;
  for (int i = 0; i < 400; ++i) {
    const auto picks = strategy->choose(present, {}, 1, 1, 0).picks.size();
    asked += picks;
    least = std::min(least, picks);
    most = std::max(most, picks);
  }
  CHECK(strategy->draws_by_coins());
  CHECK(static_cast<double>(asked) / 20000 == doctest::Approx(0.3).epsilon(0.05));
  CHECK(least < most);
}

TEST_CASE("the budget ends before the round that would exceed it, also after a resume") {
  auto options = private_options(1, 1.5, 0.04, 1);
  options.privacy->target_epsilon = 1;
  const Model x = model_of({0});
  const auto strategy = strategy_of(options);
  std::uint64_t rounds = 0;
  while (!strategy->exhausted()) {
    REQUIRE(strategy->begin(x).has_value());
    REQUIRE(strategy->finish(x, {++rounds, 0}).has_value());
  }
  const auto report = *strategy->privacy();
  CHECK(report.epsilon <= 1);
  CHECK(rounds > 3);
  auto more = report.releases;
  add_round(more, 0.04, 1.5);
  CHECK(privacy_loss(more, report.delta).epsilon > 1);
  const auto resumed = strategy_of(options);
  CHECK_FALSE(resumed->exhausted());
  REQUIRE(resumed->restore_privacy(report, rounds).has_value());
  CHECK(resumed->exhausted());
  CHECK(resumed->privacy()->epsilon == report.epsilon);
}

TEST_CASE("a run cannot become private, nor a private one public") {
  CHECK(strategy_of(private_options(1, 1, 1, 1))->restore_privacy({}, 3).error().code ==
        Errc::kInput);
  CHECK(strategy_of(private_options(1, 1, 1, 1))->restore_privacy({}, 0).has_value());
  PrivacyReport account;  // of rounds in which nothing private came
  CHECK(strategy_of(private_options(1, 1, 1, 1))->restore_privacy(account, 3).has_value());
  account.releases = {{1, 1, 3}};
  CHECK(make_strategy({})->restore_privacy(account, 3).error().code == Errc::kInput);
}

TEST_CASE("with noise by clients an update without it is left out") {
  auto options = private_options(2, 3, 1, 1);
  options.privacy->mode = PrivacyMode::kClient;
  const auto strategy = strategy_of(options);
  CHECK(strategy->fit_config().at(kClipSetting) == wire::Scalar(2.0));
  CHECK(strategy->fit_config().at(kNoiseSetting) == wire::Scalar(6.0));
  const Model x = model_of({0});
  REQUIRE(strategy->begin(x).has_value());
  wire::FitResult result{{}, parameters_of(model_of({1})), 1, {}};
  CHECK(strategy->open("a", result, x).error().message == "it does not say that it added noise");
  result.metrics[kPrivateMetric] = true;
  const auto update = strategy->open("a", result, x);
  REQUIRE(update.has_value());
  REQUIRE(strategy->add(*update, {5, 1, 1, ""}).has_value());
  REQUIRE(strategy->add(update_of({3}), {1, 1, 1, ""}).has_value());
  CHECK(values_of(*strategy->finish(x, {1, 0}))[0] == 2);
  CHECK(strategy->privacy()->releases == std::vector<Release>{{1, 1.5, 1}});
}

TEST_CASE("strategies that are no plain means refuse privacy in one message") {
  for (const auto kind : {StrategyKind::kNus, StrategyKind::kKrum, StrategyKind::kMedian,
                          StrategyKind::kTrimmedMean}) {
    auto options = private_options(1, 1, 0.1, 1);
    options.kind = kind;
    const auto refused = validate(options);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("exclude each other") != std::string::npos);
  }
}

}  // namespace marvel::federate
