#include "federate/strategy/dynhp.hpp"

#include "federate/model_builder.hpp"
#include "federate/strategy/gated_builder.hpp"
#include "federate/strategy/strategy.hpp"

#include <cstring>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::gated_model;
using test_models::parameters_of;
using test_models::values_of;

StrategyOptions dynhp_options() {
  StrategyOptions options;
  options.kind = StrategyKind::kDynHp;
  return options;
}

// A client's answer: its model, and which of its gates (in order) are alive.
wire::FitResult answer(Model model, const std::vector<float>& rates, bool shrinks = true) {
  wire::FitResult result{{}, parameters_of(std::move(model)), 1, {}};
  wire::Blob blob;
  blob.bytes.resize(rates.size() * sizeof(float));
  std::memcpy(blob.bytes.data(), rates.data(), blob.bytes.size());
  result.metrics[kActivityMetric] = blob;
  if (shrinks) {
    result.metrics[kDynHpMetric] = true;
  }
  return result;
}

void merge(Strategy& strategy, const std::string& client, const wire::FitResult& result,
           const Model& global, std::uint64_t examples = 1) {
  const auto update = strategy.open(client, result, global);
  REQUIRE(update.has_value());
  REQUIRE(strategy.add(*update, {examples, 1, 1, ""}).has_value());
}

// One round of clients "a" and "b" with the given rates; both send their model times `scale`.
Model round_of_two(Strategy& strategy, const Model& global, const std::vector<float>& a,
                   const std::vector<float>& b) {
  REQUIRE(strategy.begin(global).has_value());
  merge(strategy, "a", answer(global, a), global);
  merge(strategy, "b", answer(global, b), global);
  auto next = strategy.finish(global, {1, 2});
  REQUIRE(next.has_value());
  return std::move(*next);
}

const std::vector<float> kAllOpen{1, 1, 1, 1, 1};
const std::vector<float> kSecondClosed{1, 0, 1, 1, 1};  // of three inputs and two hidden units

}  // namespace

TEST_CASE("a unit leaves after it has lost the vote as often as patience says, in a row") {
  const auto strategy = make_strategy(dynhp_options());
  Model model = gated_model({3, 2}, 1);
  model = round_of_two(*strategy, model, kSecondClosed, kSecondClosed);
  CHECK(model[0].shape == Shape{2, 3});
  model = round_of_two(*strategy, model, kAllOpen, kAllOpen);  // starts the count again
  model = round_of_two(*strategy, model, kSecondClosed, kSecondClosed);
  CHECK(model[0].shape == Shape{2, 3});
  model = round_of_two(*strategy, model, kSecondClosed, kSecondClosed);
  CHECK(model[0].shape == Shape{2, 2});
  CHECK(model[2].at(1) == doctest::Approx(2.02));
}

TEST_CASE("vote 0 keeps what any client keeps, 1 only what all keep, one half is the majority") {
  for (const auto& [vote, left] : {std::pair{0.0, 3U}, {0.5, 3U}, {0.6, 2U}, {1.0, 2U}}) {
    auto options = dynhp_options();
    options.dynhp.vote = vote;
    options.dynhp.patience = 1;
    const auto strategy = make_strategy(options);
    const Model next = round_of_two(*strategy, gated_model({3, 2}, 1), kAllOpen, kSecondClosed);
    CHECK(next[0].shape[1] == left);
  }
}

TEST_CASE("a weight is averaged over the clients for which it is alive, not halved") {
  const auto strategy = make_strategy(dynhp_options());
  const Model global = gated_model({3, 2}, 1);
  REQUIRE(strategy->begin(global).has_value());
  merge(*strategy, "a", answer(gated_model({3, 2}, 1, 10), kAllOpen), global, 1);
  merge(*strategy, "b", answer(gated_model({3, 2}, 1, 50), kSecondClosed), global, 3);
  const auto next = strategy->finish(global, {1, 4});
  REQUIRE(next.has_value());
  CHECK((*next)[0].at(0) == doctest::Approx(10 * 0.25 + 50 * 0.75));
  CHECK((*next)[0].at(1) == doctest::Approx(10.01));      // only a's
  CHECK((*next)[2].at(1) == doctest::Approx(2.01 + 40));  // gates: over both
}

TEST_CASE("the plain way halves it and never shrinks the model") {
  auto options = dynhp_options();
  options.dynhp.plain = true;
  options.dynhp.patience = 1;
  const auto strategy = make_strategy(options);
  CHECK(strategy->fit_config().at(kPruneAloneSetting) == wire::Scalar(0.5));
  const Model global = gated_model({3, 2}, 1);
  REQUIRE(strategy->begin(global).has_value());
  Model pruned = gated_model({3, 2}, 1, 50);
  std::get<std::vector<float>>(pruned[0].values)[1] = 0;
  merge(*strategy, "a", answer(gated_model({3, 2}, 1, 10), kAllOpen), global);
  merge(*strategy, "b", answer(pruned, kSecondClosed), global);
  const auto next = strategy->finish(global, {1, 2});
  CHECK((*next)[0].at(1) == doctest::Approx(10.01 / 2));
  CHECK((*next)[0].shape == Shape{2, 3});
}

TEST_CASE("clients that can shrink get the small model, others zeros at the first size") {
  auto options = dynhp_options();
  options.dynhp.patience = 1;
  const auto strategy = make_strategy(options);
  const Model first = gated_model({3, 2}, 1, 1);
  const auto model =
      std::make_shared<const Model>(round_of_two(*strategy, first, kSecondClosed, kSecondClosed));
  wire::Config config;
  const auto small = decode_parameters(strategy->outgoing("a", model, config));
  CHECK((*small)[0].shape == Shape{2, 2});
  CHECK(std::get<wire::Blob>(config.at(kPixelsSetting)).bytes.size() == 8);
  wire::Config plain;
  const auto dense = decode_parameters(strategy->outgoing("python", model, plain));
  // What their updates are held against.
  CHECK((*strategy->reference("a", model))[0].values == (*small)[0].values);
  CHECK((*strategy->reference("python", model))[0].values == (*dense)[0].values);
  CHECK((*dense)[0].shape == Shape{2, 3});
  CHECK((*dense)[0].at(1) == 0);
  CHECK(plain.empty());

  // What such a client sends back is cut to what is left.
  REQUIRE(strategy->begin(*model).has_value());
  wire::FitResult result{{}, parameters_of(gated_model({3, 2}, 1, 7)), 1, {}};
  merge(*strategy, "python", result, *model);
  const auto next = strategy->finish(*model, {2, 1});
  REQUIRE(next.has_value());
  CHECK((*next)[0].shape == Shape{2, 2});
  CHECK((*next)[0].at(1) == doctest::Approx(7.02));
}

TEST_CASE("masks and counts go through a checkpoint") {
  const auto strategy = make_strategy(dynhp_options());
  Model model = round_of_two(*strategy, gated_model({3, 2}, 1), kSecondClosed, kSecondClosed);
  const auto copy = [&] {
    std::vector<Model> moments;
    for (const auto* moment : strategy->moments()) {
      moments.push_back(*moment);
    }
    return moments;
  };
  const auto resumed = make_strategy(dynhp_options());
  REQUIRE(resumed->restore(copy(), model).has_value());
  model = round_of_two(*resumed, model, kSecondClosed, kSecondClosed);
  CHECK(model[0].shape == Shape{2, 2});
  CHECK_FALSE(make_strategy(dynhp_options())->restore(copy(), model).has_value());
  auto damaged = copy();
  std::get<std::vector<double>>(damaged[0][0].values)[0] = 99;
  CHECK(make_strategy(dynhp_options())
            ->restore(std::move(damaged), gated_model({3, 2}, 1))
            .error()
            .code == Errc::kInput);
}

TEST_CASE("the last unit of a layer stays, and activities of other sizes are refused") {
  auto options = dynhp_options();
  options.dynhp.patience = 1;
  const auto strategy = make_strategy(options);
  const std::vector<float> none{0, 0, 0, 0, 0};
  const Model next = round_of_two(*strategy, gated_model({3, 2}, 1), none, none);
  CHECK(next[0].shape == Shape{1, 1});
  REQUIRE(strategy->begin(next).has_value());
  CHECK(strategy->open("a", answer(next, kAllOpen), next).error().code == Errc::kInput);
  CHECK(strategy->open("a", answer(next, {2, 1}), next).error().code == Errc::kInput);
  CHECK(strategy->open("a", answer(next, {1, 1}), next).has_value());
}

TEST_CASE("a model without gates is refused with advice") {
  const auto refused = make_strategy(dynhp_options())->begin(test_models::model_of({1}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().hint.find("--model l0mlp") != std::string::npos);
}

}  // namespace marvel::federate
