#include "federate/strategy/nus_strategy.hpp"

#include "base/random.hpp"
#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::update_of;
using test_models::values_of;

StrategyOptions remembering(const test::TempDir& folder) {
  StrategyOptions options;
  options.kind = StrategyKind::kNus;
  options.spool = folder.path();
  options.nus.memory = true;
  options.nus.clip = 1000;
  return options;
}

struct Member {
  std::string name;
  double examples = 0;
  std::vector<double> change;
};

// Ten clients whose changes differ, and by `drift` from those of another time.
std::vector<Member> members(double drift) {
  CounterRng random(5);
  CounterRng later(static_cast<std::uint64_t>(1 + drift * 1000));
  std::vector<Member> all;
  for (int i = 0; i < 10; ++i) {
    Member member{std::to_string(i), std::ceil(100 * random.uniform()), {}};
    for (int d = 0; d < 3; ++d) {
      member.change.push_back(random.normal() + drift * later.normal());
    }
    all.push_back(std::move(member));
  }
  return all;
}

double examples_of(const std::vector<Member>& all) {
  double sum = 0;
  for (const auto& member : all) {
    sum += member.examples;
  }
  return sum;
}

// The model after a round that has drawn those at `drawn`, each with its `p`.
std::vector<double> round_of(Strategy& strategy, const std::vector<Member>& all,
                             const std::vector<std::size_t>& drawn, std::span<const double> p) {
  const Model global = model_of({0, 0, 0});
  REQUIRE(strategy.begin(global).has_value());
  for (const auto i : drawn) {
    const Contribution contribution{static_cast<std::uint64_t>(all[i].examples), p[i], 1,
                                    all[i].name};
    REQUIRE(strategy.add(update_of(all[i].change), contribution).has_value());
  }
  const double examples = examples_of(all);
  const auto next = strategy.finish(global, {1, examples, examples});
  REQUIRE(next.has_value());
  return values_of(*next);
}

std::vector<double> mean_change(const std::vector<Member>& all) {
  std::vector<double> mean(3);
  for (const auto& member : all) {
    for (std::size_t d = 0; d < mean.size(); ++d) {
      mean[d] += member.examples * member.change[d] / examples_of(all);
    }
  }
  return mean;
}

// Mean and squared error of `draws` rounds, each by a strategy that `prepared` makes.
template <class Prepared>
std::pair<std::vector<double>, double> of_draws(const std::vector<Member>& all, int draws,
                                                const Prepared& prepared) {
  const std::vector<double> p(all.size(), 0.3);
  const auto truth = mean_change(all);
  std::vector<double> mean(truth.size());
  double error = 0;
  for (int draw = 0; draw < draws; ++draw) {
    const auto strategy = prepared();
    const auto drawn = systematic_sample(p, static_cast<std::uint64_t>(draw));
    const auto next = round_of(*strategy, all, drawn, p);
    for (std::size_t d = 0; d < truth.size(); ++d) {
      mean[d] += next[d] / draws;
      error += (next[d] - truth[d]) * (next[d] - truth[d]) / draws;
    }
  }
  return {mean, error};
}

std::vector<std::size_t> everybody() {
  return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
}

}  // namespace

TEST_CASE("with memory a round of all clients is their mean") {
  const test::TempDir folder;
  const auto strategy = make_nus(remembering(folder));
  const std::vector<double> certain(10, 1.0);
  for (const double drift : {0.0, 0.5}) {
    const auto all = members(drift);
    const auto next = round_of(*strategy, all, everybody(), certain);
    const auto truth = mean_change(all);
    for (std::size_t d = 0; d < truth.size(); ++d) {
      CHECK(next[d] == doctest::Approx(truth[d]).epsilon(1e-12));
    }
  }
  // Nobody is asked: all are remembered, also who is away.
  const auto next = round_of(*strategy, members(0.5), {}, certain);
  CHECK(next[0] == doctest::Approx(mean_change(members(0.5))[0]).epsilon(1e-12));
}

TEST_CASE("with memory draws stay unbiased, and their error is that of what is new") {
  const test::TempDir folder;
  const auto then = members(0);
  const auto now = members(0.3);
  constexpr int kDraws = 3000;
  auto options = remembering(folder);
  const auto [mean, error] = of_draws(now, kDraws, [&] {
    auto strategy = make_nus(options);
    round_of(*strategy, then, everybody(), std::vector<double>(10, 1.0));
    return strategy;
  });
  const auto truth = mean_change(now);
  for (std::size_t d = 0; d < truth.size(); ++d) {
    CHECK(std::abs(mean[d] - truth[d]) < 3 * std::sqrt(error / kDraws));
  }
  options.nus.memory = false;
  const double without = of_draws(now, kDraws, [&] { return make_nus(options); }).second;
  MESSAGE("mean squared error: with memory ", error, ", without ", without);
  CHECK(error < 0.3 * without);
}

TEST_CASE("the size that histories take down is that of what is new") {
  const test::TempDir folder;
  auto options = remembering(folder);
  const auto strategy = make_nus(options);
  const Model global = model_of({0, 0});
  const auto size = [&](const std::vector<double>& to) {
    REQUIRE(strategy->begin(global).has_value());
    const auto update = update_of(to);
    REQUIRE(strategy->add(update, {10, 1, 1, "a"}).has_value());
    const auto added = strategy->added_size(update, global);
    REQUIRE(strategy->finish(global, {1, 10, 10}).has_value());
    return added.value_or(-1);
  };
  CHECK(size({3, 4}) == doctest::Approx(std::sqrt(25.0 / 2)));
  CHECK(size({3, 5}) == doctest::Approx(std::sqrt(1.0 / 2)));
  strategy->forget("a");
  CHECK(size({3, 4}) == doctest::Approx(std::sqrt(25.0 / 2)));
  options.nus.memory = false;
  const auto plain = make_nus(options);
  CHECK(plain->added_size(update_of({3, 4}), global).value_or(-1) ==
        doctest::Approx(std::sqrt(25.0 / 2)));
}

TEST_CASE("a round that would not be finite is not remembered") {
  const test::TempDir folder;
  auto options = remembering(folder);
  options.server_lr = 1e300;
  const auto strategy = make_nus(options);
  const std::vector<Member> one{{"a", 10, {1e10, 0, 0}}};
  const Model global = model_of({0, 0, 0});
  REQUIRE(strategy->begin(global).has_value());
  REQUIRE(strategy->add(update_of(one[0].change), {10, 1, 1, "a"}).has_value());
  const auto next = strategy->finish(global, {1, 10, 10});
  REQUIRE_FALSE(next.has_value());
  CHECK(next.error().code == Errc::kFailed);
  REQUIRE(strategy->begin(global).has_value());
  REQUIRE(strategy->add(update_of({1, 0, 0}), {10, 1, 1, "a"}).has_value());
  CHECK(strategy->added_size(update_of({1, 0, 0}), global).value_or(0) ==
        doctest::Approx(std::sqrt(1.0 / 3)));
}

TEST_CASE("memory goes neither with hajek nor with privacy") {
  const test::TempDir folder;
  auto options = remembering(folder);
  CHECK(validate(options).has_value());
  options.nus.hajek = true;
  CHECK(validate(options).error().message.find("--nus-hajek") != std::string::npos);
  options.nus.hajek = false;
  options.nus.features = NusFeatures::kNone;
  options.privacy = PrivacyOptions{};
  options.privacy->clip = options.privacy->noise = 1;
  const auto refused = validate(options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().hint.find("--nus-memory") != std::string::npos);
}

}  // namespace marvel::federate
