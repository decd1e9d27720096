#include "federate/client/gated_trainer.hpp"

#include "data/dataset_builder.hpp"
#include "federate/strategy/dynhp.hpp"
#include "federate/strategy/gated_model.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

TrainerOptions small(const test::TempDir& dir) {
  test::write_dataset(dir.path(), 400, 80);
  TrainerOptions options;
  options.model = "l0mlp";
  options.data = dir.path().string();
  options.layers = {64, 12, 4};
  options.batch_size = 20;
  options.epochs = 2;
  options.lr = 5e-3;
  options.gate_lr = 0.1;
  options.warmup_rounds = 2;
  return options;
}

std::vector<float> rates_of(const Trained& trained) {
  const auto& bytes = std::get<wire::Blob>(trained.metrics.at(kActivityMetric)).bytes;
  std::vector<float> rates(bytes.size() / sizeof(float));
  std::memcpy(rates.data(), bytes.data(), bytes.size());
  return rates;
}

}  // namespace

TEST_CASE("a gated model learns, and a dear gate closes after the warm-up") {
  const test::TempDir dir;
  test::TestContext t;
  auto options = small(dir);
  options.lambda = {50};
  const auto trainer = make_gated_trainer(options, t.context);
  REQUIRE(trainer.has_value());
  Model model = *(*trainer)->initial();
  CHECK(gated_layout(model)->inputs == std::vector<std::size_t>{64, 12});
  const auto before = (*trainer)->evaluate(model, {});
  for (int round = 1; round <= 2; ++round) {
    const auto trained = (*trainer)->train(model, {{"marvel.round", std::int64_t{round}}});
    REQUIRE(trained.has_value());
    for (const float rate : rates_of(*trained)) {
      CHECK(rate == 1);
    }
    model = trained->model;
  }
  CHECK((*trainer)->evaluate(model, {})->loss < 0.7 * before->loss);
  Trained last;
  for (int round = 3; round <= 10; ++round) {
    last = *(*trainer)->train(model, {{"marvel.round", std::int64_t{round}}});
    model = last.model;
  }
  const auto rates = rates_of(last);
  CHECK(rates.size() == 76);
  CHECK(*std::min_element(rates.begin(), rates.end()) < 0.5F);
}

TEST_CASE("a smaller model is trained as it comes, on the pixels the server names") {
  const test::TempDir dir;
  test::TestContext t;
  const auto trainer = make_gated_trainer(small(dir), t.context);
  REQUIRE(trainer.has_value());
  Positions kept{{}, {0, 3, 5}};
  wire::Blob pixels;
  for (std::int32_t pixel = 0; pixel < 64; pixel += 2) {
    kept[0].push_back(static_cast<std::size_t>(pixel));
    pixels.bytes.append(reinterpret_cast<const char*>(&pixel), sizeof pixel);
  }
  const Model model = keep_positions(*(*trainer)->initial(), kept);
  const wire::Config config{{kPixelsSetting, pixels}, {"marvel.round", std::int64_t{1}}};
  const auto trained = (*trainer)->train(model, config);
  REQUIRE(trained.has_value());
  CHECK(gated_layout(trained->model)->inputs == std::vector<std::size_t>{32, 3});
  CHECK((*trainer)->evaluate(trained->model, config)->examples == 80);
  CHECK((*trainer)->train(model, {}).error().code == Errc::kInput);
  pixels.bytes[0] = 127;  // not in order
  CHECK((*trainer)->train(model, {{kPixelsSetting, pixels}}).error().code == Errc::kInput);
}

TEST_CASE("told to prune alone, a client zeroes what was rarely open") {
  const test::TempDir dir;
  test::TestContext t;
  auto options = small(dir);
  options.lambda = {50};
  options.warmup_rounds = 0;
  options.epochs = 10;
  const auto trainer = make_gated_trainer(options, t.context);
  const auto trained = (*trainer)->train(*(*trainer)->initial(), {{kPruneAloneSetting, 0.5}});
  REQUIRE(trained.has_value());
  const auto rates = rates_of(*trained);
  const auto least = std::min_element(rates.begin(), rates.begin() + 64);
  REQUIRE(*least < 0.5F);
  const auto unit = static_cast<std::size_t>(least - rates.begin());
  for (std::size_t o = 0; o < 12; ++o) {
    CHECK(trained->model[0].at(o * 64 + unit) == 0);
  }
}

TEST_CASE("a model of another kind is refused") {
  const test::TempDir dir;
  test::TestContext t;
  const auto trainer = make_gated_trainer(small(dir), t.context);
  CHECK((*trainer)->train({}, {}).error().code == Errc::kInput);
}

TEST_CASE("a gated model tells its errors on samples that it keeps back") {
  const test::TempDir dir;
  test::TestContext t;
  auto options = small(dir);
  options.validation = 0.2;
  const auto trainer = make_gated_trainer(options, t.context);
  REQUIRE(trainer.has_value());
  Model model = *(*trainer)->initial();
  Trained trained;
  for (int round = 1; round <= 3; ++round) {
    trained = (*trainer)->train(model, {{"marvel.round", std::int64_t{round}}}).value();
    model = trained.model;
  }
  CHECK(trained.examples == 320);  // of 400
  CHECK(std::get<double>(trained.metrics.at("accuracy")) > 0.7);
  CHECK(std::get<double>(trained.metrics.at("validation_accuracy")) > 0.6);
}

}  // namespace marvel::federate
