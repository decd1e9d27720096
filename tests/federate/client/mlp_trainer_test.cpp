#include "federate/client/mlp_trainer.hpp"

#include "data/dataset_builder.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

TrainerOptions small(const test::TempDir& dir) {
  test::write_dataset(dir.path(), 400, 80);
  TrainerOptions options;
  options.data = dir.path().string();
  options.layers = {64, 12, 4};
  options.clients = 2;
  options.batch_size = 20;
  options.epochs = 2;
  options.lr = 5e-3;
  return options;
}

double distance(const Model& a, const Model& b) {
  double sum = 0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    for (std::size_t i = 0; i < a[t].size(); ++i) {
      sum += (a[t].at(i) - b[t].at(i)) * (a[t].at(i) - b[t].at(i));
    }
  }
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("a model travels in the shapes of torch.nn.Linear, and training lowers its loss") {
  const test::TempDir dir;
  test::TestContext t;
  const auto trainer = make_mlp_trainer(small(dir), t.context);
  REQUIRE(trainer.has_value());
  const auto first = (*trainer)->initial();
  REQUIRE(first.has_value());
  REQUIRE(first->size() == 4);
  CHECK((*first)[0].shape == Shape{12, 64});
  CHECK((*first)[3].shape == Shape{4});
  const auto before = (*trainer)->evaluate(*first, {});
  Model model = *first;
  for (int round = 1; round <= 3; ++round) {
    const auto trained = (*trainer)->train(model, {{"marvel.round", std::int64_t{round}}});
    REQUIRE(trained.has_value());
    CHECK(trained->examples == 200);
    model = trained->model;
  }
  const auto after = (*trainer)->evaluate(model, {});
  CHECK(after->examples == 40);
  CHECK(after->loss < 0.5 * before->loss);
  CHECK(std::get<double>(after->metrics.at("accuracy")) > 0.9);
}

TEST_CASE("the same round of the same client gives the same update") {
  const test::TempDir dir;
  test::TestContext t;
  const auto options = small(dir);
  const auto a = make_mlp_trainer(options, t.context);
  const auto b = make_mlp_trainer(options, t.context);
  const Model model = *(*a)->initial();
  const wire::Config config{{"marvel.round", std::int64_t{5}}};
  CHECK(distance((*a)->train(model, config)->model, (*b)->train(model, config)->model) == 0);
}

TEST_CASE("FedProx keeps the update near the server's model") {
  const test::TempDir dir;
  test::TestContext t;
  const auto trainer = make_mlp_trainer(small(dir), t.context);
  const Model model = *(*trainer)->initial();
  const double free = distance((*trainer)->train(model, {})->model, model);
  const double held = distance((*trainer)->train(model, {{"proximal_mu", 50.0}})->model, model);
  CHECK(held < 0.7 * free);
}

TEST_CASE("a model of other layers, and data of another size, are refused") {
  const test::TempDir dir;
  test::TestContext t;
  auto options = small(dir);
  const auto trainer = make_mlp_trainer(options, t.context);
  Model model = *(*trainer)->initial();
  model[0] = make_tensor(Dtype::kFloat32, {12, 63});
  CHECK((*trainer)->train(model, {}).error().code == Errc::kInput);
  model.pop_back();
  CHECK((*trainer)->train(model, {}).error().code == Errc::kInput);
  options.layers = {63, 4};
  CHECK(make_mlp_trainer(options, t.context).error().code == Errc::kInput);
}

TEST_CASE("a personal model is pulled to the common one, the more the larger mu") {
  const test::TempDir dir;
  test::TestContext t;
  const auto trainer = make_mlp_trainer(small(dir), t.context);
  const Model anchor = *(*trainer)->initial();
  const Model start = (*trainer)->train(anchor, {{"marvel.round", std::int64_t{1}}})->model;
  double last = 1e9;
  for (const double mu : {0.0, 5.0, 100.0}) {
    const auto personal = (*trainer)->train_from(start, anchor, {{"proximal_mu", mu}});
    REQUIRE(personal.has_value());
    CHECK(distance(personal->model, anchor) < last);
    last = distance(personal->model, anchor);
  }
  CHECK((*trainer)->tensor_name(0) == "layer1.weight");
  CHECK((*trainer)->tensor_name(3) == "layer2.bias");
}

TEST_CASE("samples that are kept back are not trained on, and both parts' errors are told") {
  const test::TempDir dir;
  test::TestContext t;
  auto options = small(dir);
  options.validation = 0.25;
  const auto trainer = make_mlp_trainer(options, t.context);
  Model model = *(*trainer)->initial();
  Trained trained;
  for (int round = 1; round <= 3; ++round) {
    trained = (*trainer)->train(model, {{"marvel.round", std::int64_t{round}}}).value();
    model = trained.model;
  }
  CHECK(trained.examples == 150);  // of 200
  for (const char* name : {"accuracy", "validation_accuracy"}) {
    CAPTURE(name);
    CHECK(std::get<double>(trained.metrics.at(name)) > 0.8);
    CHECK(std::get<double>(trained.metrics.at(name)) <= 1);
  }
  CHECK(std::get<double>(trained.metrics.at("validation_loss")) > 0);
  options.validation = 0;
  const auto plain = (*make_mlp_trainer(options, t.context))->train(model, {}).value();
  CHECK(plain.examples == 200);
  CHECK_FALSE(plain.metrics.contains("validation_accuracy"));
  options.validation = 0.95;
  CHECK(make_mlp_trainer(options, t.context).error().code == Errc::kUsage);
}

}  // namespace marvel::federate
