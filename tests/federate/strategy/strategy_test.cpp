// Reference values computed with Flower 1.8 in float64; the bias-corrected FedAdam with the
// formula of Flower 1.20.
#include "federate/strategy/strategy.hpp"

#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::update_of;
using test_models::values_of;

void check_near(const std::vector<double>& values, const std::vector<double>& wanted) {
  REQUIRE(values.size() == wanted.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i] == doctest::Approx(wanted[i]).epsilon(1e-12));
  }
}

Contribution examples(std::uint64_t count) {
  return {count, 1, 1, ""};
}

// Two rounds from x0 = [1, 2, -1].
void check_two_rounds(const StrategyOptions& options, const std::vector<double>& after_one,
                      const std::vector<double>& after_two) {
  const auto strategy = make_strategy(options);
  const Model x0 = model_of({1, 2, -1});
  REQUIRE(strategy->begin(x0).has_value());
  REQUIRE(strategy->add(update_of({1.5, 2, -2}), examples(100)).has_value());
  REQUIRE(strategy->add(update_of({0.5, 3, -1}), examples(300)).has_value());
  const auto x1 = strategy->finish(x0, {1, 400, 400});
  REQUIRE(x1.has_value());
  check_near(values_of(*x1), after_one);
  REQUIRE(strategy->begin(*x1).has_value());
  REQUIRE(strategy->add(update_of({1, 2.5, -1.5}), examples(200)).has_value());
  REQUIRE(strategy->add(update_of({2, 2.5, -0.5}), examples(200)).has_value());
  const auto x2 = strategy->finish(*x1, {2, 400, 400});
  REQUIRE(x2.has_value());
  check_near(values_of(*x2), after_two);
}

StrategyOptions of(StrategyKind kind) {
  StrategyOptions options;
  options.kind = kind;
  return options;
}

}  // namespace

TEST_CASE("FedAvg and its plain mean give Flower's models") {
  check_two_rounds(of(StrategyKind::kFedAvg), {.75, 2.75, -1.25}, {1.5, 2.5, -1.0});
  auto plain = of(StrategyKind::kFedAvg);
  plain.uniform = true;
  check_two_rounds(plain, {1, 2.5, -1.5}, {1.5, 2.5, -1.0});
}

TEST_CASE("no strategy lets one client's numbers void the round of the others") {
  constexpr double kHuge = 3e38;  // finite as float32
  const test::TempDir folder;
  for (const auto kind : {StrategyKind::kFedAvg, StrategyKind::kFedAvgM, StrategyKind::kFedAdam,
                          StrategyKind::kFedYogi, StrategyKind::kFedAdagrad, StrategyKind::kKrum,
                          StrategyKind::kTrimmedMean, StrategyKind::kNus}) {
    CAPTURE(static_cast<int>(kind));
    auto options = of(kind);
    options.spool = folder.path();
    const auto strategy = make_strategy(options);
    const Model x0 = model_of({1, 2}, Dtype::kFloat32);
    REQUIRE(strategy->begin(x0).has_value());
    REQUIRE(strategy->add(update_of({1, 2}, Dtype::kFloat32), examples(600)).has_value());
    (void)strategy->add(update_of({kHuge, -kHuge}, Dtype::kFloat32), examples(600));
    (void)strategy->add(update_of({1e20, 1}, Dtype::kFloat32), examples(1));
    REQUIRE(strategy->add(update_of({1, 2}, Dtype::kFloat32), examples(600)).has_value());
    CHECK(strategy->finish(x0, {1, 1800, 1800}).has_value());
  }
}

TEST_CASE("FedAvgM gives Flower's models") {
  auto options = of(StrategyKind::kFedAvgM);
  options.momentum = 0.9;
  check_two_rounds(options, {.75, 2.75, -1.25}, {1.275, 3.175, -1.225});
  options.server_lr = 0.5;
  check_two_rounds(options, {.875, 2.375, -1.125}, {1.075, 2.775, -1.175});
}

TEST_CASE("FedAdam, FedYogi and FedAdagrad give Flower's models") {
  check_two_rounds(of(StrategyKind::kFedAdam), {.900000004, 2.0999999986666666, -1.099999996},
                   {.9577350297426814, 2.2269657952319815, -1.1466252364243725});
  check_two_rounds(of(StrategyKind::kFedYogi),
                   {.9903846153846154, 2.0098684210526314, -1.0096153846153846},
                   {.9953118809076782, 2.022729282468987, -1.0179053062341317});
  check_two_rounds(of(StrategyKind::kFedAdagrad), {.9000000004, 2.0999999998666667, -1.0999999996},
                   {.9923076925565771, 2.1470588233529275, -1.0628609322305864});
}

TEST_CASE("FedAdam with bias correction gives the models of newer Flowers") {
  auto options = of(StrategyKind::kFedAdam);
  options.adam_bias_correction = true;
  const auto strategy = make_strategy(options);
  const Model x0 = model_of({1, 2, -1});
  REQUIRE(strategy->begin(x0).has_value());
  REQUIRE(strategy->add(update_of({.75, 2.75, -1.25}), examples(1)).has_value());
  const auto x1 = strategy->finish(x0, {1, 1});
  const auto values = values_of(*x1);
  CHECK(values[0] == doctest::Approx(.92575402412949).epsilon(1e-13));
  CHECK(values[1] == doctest::Approx(2.07424597785040).epsilon(1e-13));
}

TEST_CASE("FedProx tells clients its mu as Flower does and averages like FedAvg") {
  auto options = of(StrategyKind::kFedProx);
  options.proximal_mu = 0.5;
  CHECK(make_strategy(options)->fit_config().at("proximal_mu") == wire::Scalar(0.5));
  check_two_rounds(options, {.75, 2.75, -1.25}, {1.5, 2.5, -1.0});
}

TEST_CASE("the robust strategies go through a spool") {
  const test::TempDir dir;
  auto options = of(StrategyKind::kMedian);
  options.spool = dir.path();
  check_two_rounds(options, {1, 2.5, -1.5}, {1.5, 2.5, -1.0});
  options.kind = StrategyKind::kTrimmedMean;
  check_two_rounds(options, {1, 2.5, -1.5}, {1.5, 2.5, -1.0});
  options.kind = StrategyKind::kKrum;
  options.keep = 2;
  check_two_rounds(options, {.75, 2.75, -1.25}, {1.5, 2.5, -1.0});
}

TEST_CASE("NUS with everybody drawn and answering is FedAvg") {
  check_two_rounds(of(StrategyKind::kNus), {.75, 2.75, -1.25}, {1.5, 2.5, -1.0});
}

TEST_CASE("NUS weighs a client that is drawn half of the time twice") {
  const auto strategy = make_strategy(of(StrategyKind::kNus));
  const Model x0 = model_of({0});
  REQUIRE(strategy->begin(x0).has_value());
  REQUIRE(strategy->add(update_of({1}), {100, 0.5, 1, ""}).has_value());
  CHECK(values_of(*strategy->finish(x0, {1, 400, 400}))[0] == doctest::Approx(0.5));
}

TEST_CASE(
    "NUS: clients that are away count as unchanged with registered weights, else not at all") {
  auto options = of(StrategyKind::kNus);
  for (const auto& [weights, step] :
       {std::pair{NusWeights::kPresent, 1.0}, {NusWeights::kRegistered, 0.5}}) {
    options.nus.weights = weights;
    const auto strategy = make_strategy(options);
    const Model x0 = model_of({0});
    REQUIRE(strategy->begin(x0).has_value());
    REQUIRE(strategy->add(update_of({1}), {100, 0.5, 1, ""}).has_value());
    CHECK(values_of(*strategy->finish(x0, {1, 400, 200}))[0] == doctest::Approx(step));
  }
}

TEST_CASE("NUS tells for each client that is there by how much it will correct its weight") {
  auto options = of(StrategyKind::kNus);
  options.nus.clip = 3;
  Histories histories;
  histories["a"].examples = histories["b"].examples = histories["c"].examples = 10;
  histories["b"].response = 0.5;
  histories["c"].response = 0.01;
  const std::vector<std::string> present{"a", "b", "c"};
  const auto selection = make_strategy(options)->choose(present, histories, 1, 2, 7);
  REQUIRE(selection.factors.size() == 3);
  CHECK(selection.factors[0].probability == doctest::Approx(2.0 / 3));
  CHECK(selection.factors[0].correction == doctest::Approx(1.5));
  CHECK(selection.factors[1].correction == doctest::Approx(3));
  CHECK(selection.factors[2].correction == 3);
}

TEST_CASE("NUS divides by the weights in a round where one was clipped") {
  const auto strategy = make_strategy(of(StrategyKind::kNus));
  const Model x0 = model_of({0});
  REQUIRE(strategy->begin(x0).has_value());
  REQUIRE(strategy->add(update_of({1}), {100, 0.05, 1, ""}).has_value());
  CHECK(values_of(*strategy->finish(x0, {1, 400, 400}))[0] == doctest::Approx(1));
}

TEST_CASE("whole-number tensors stay whole") {
  const auto strategy = make_strategy(of(StrategyKind::kFedAvg));
  const Model x0 = model_of({0}, Dtype::kInt64);
  REQUIRE(strategy->begin(x0).has_value());
  REQUIRE(strategy->add(update_of({1}, Dtype::kInt64), examples(1)).has_value());
  REQUIRE(strategy->add(update_of({2}, Dtype::kInt64), examples(3)).has_value());
  CHECK(values_of(*strategy->finish(x0, {1, 4}))[0] == 2);
}

TEST_CASE("uniform choice takes as many as wanted, by its key alone") {
  const auto strategy = make_strategy({});
  const std::vector<std::string> present{"a", "b", "c", "d"};
  const auto names = [](const Selection& selection) {
    std::string text;
    for (const auto& pick : selection.picks) {
      text += pick.client;
    }
    return text;
  };
  const auto first = strategy->choose(present, {}, 1, 2, 7);
  CHECK(first.picks.size() == 2);
  CHECK(first.picks[0].inclusion == 0.5);
  CHECK(names(first) == names(strategy->choose(present, {}, 1, 2, 7)));
  CHECK(names(strategy->choose(present, {}, 1, 9, 7)) == "abcd");
}

TEST_CASE("impossible options are refused by their flag's name") {
  StrategyOptions options;
  options.trim = 0.5;
  CHECK(validate(options).error().message == "--trim must be in [0, 0.5)");
  CHECK(validate(StrategyOptions{}).has_value());
}

TEST_CASE("an update that no sum could hold is refused, and the round is as if it had not come") {
  for (const auto kind : {StrategyKind::kFedAvg, StrategyKind::kFedAdam, StrategyKind::kNus}) {
    const auto strategy = make_strategy(of(kind));
    const Model x = model_of({0}, Dtype::kFloat32);
    REQUIRE(strategy->begin(x).has_value());
    const auto refused = strategy->add(update_of({1e37}, Dtype::kFloat32), examples(1000));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::kInput);
    CHECK(refused.error().message == "tensor 0 holds 1e+37, which is too large to be merged");
    REQUIRE(strategy->add(update_of({1}, Dtype::kFloat32), examples(1)).has_value());
    const auto next = strategy->finish(x, {1, 1, 1});
    REQUIRE(next.has_value());
    CHECK(values_of(*next)[0] > 0);
    CHECK(values_of(*next)[0] <= 1);
  }
}

}  // namespace marvel::federate
