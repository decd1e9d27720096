#include "federate/client/personal.hpp"

#include "federate/array/npz.hpp"
#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::values_of;

Model three(double a, double b, double c) {
  Model model = model_of({a});
  model.push_back(model_of({b})[0]);
  model.push_back(model_of({c})[0]);
  return model;
}

// Adds 1, 10 and 100 to its tensors; towards an anchor it goes half of the way instead. The
// loss is the sum of all values.
struct FakeTrainer : Trainer {
  Result<Model> initial() override { return three(0, 0, 0); }
  Result<Trained> train(const Model& global, const wire::Config& /*config*/) override {
    return Trained{three(global[0].at(0) + 1, global[1].at(0) + 10, global[2].at(0) + 100), 1, {}};
  }
  Result<Trained> train_from(const Model& start, const Model& anchor,
                             const wire::Config& config) override {
    mu = std::get<double>(config.at("proximal_mu"));
    Trained trained;
    for (std::size_t t = 0; t < start.size(); ++t) {
      trained.model.push_back(model_of({(start[t].at(0) + anchor[t].at(0)) / 2})[0]);
    }
    return trained;
  }
  Result<Evaluated> evaluate(const Model& global, const wire::Config& /*config*/) override {
    double sum = 0;
    for (const double value : values_of(global)) {
      sum += value;
    }
    return Evaluated{sum, 1, {{"accuracy", sum / 1000}}};
  }
  double mu = 0;
};

Model common_of(double a, double c) {
  Model model = model_of({a});
  model.push_back(model_of({c})[0]);
  return model;
}

}  // namespace

TEST_CASE("local tensors are neither offered nor sent, and are trained with the common ones") {
  const auto trainer = keep_layers_local(std::make_unique<FakeTrainer>(), "arr_1", "");
  REQUIRE(trainer.has_value());
  CHECK((*trainer)->initial()->size() == 2);
  for (int round = 1; round <= 2; ++round) {
    const auto trained = (*trainer)->train(common_of(5, 7), {});
    REQUIRE(trained.has_value());
    CHECK(values_of(trained->model) == std::vector<double>{6, 107});
  }
  CHECK((*trainer)->evaluate(common_of(0, 0), {})->loss == 20);
}

TEST_CASE("local tensors survive a restart in their file, which must fit") {
  const test::TempDir dir;
  const auto file = dir / "mine.npz";
  {
    const auto trainer = keep_layers_local(std::make_unique<FakeTrainer>(), "arr_[01]", file);
    REQUIRE((*trainer)->train(model_of({0}), {}).has_value());
  }
  const auto again = keep_layers_local(std::make_unique<FakeTrainer>(), "arr_[01]", file);
  CHECK((*again)->evaluate(model_of({0}), {})->loss == 11);
  CHECK(keep_layers_local(std::make_unique<FakeTrainer>(), "arr_1", file).error().code ==
        Errc::kInput);
}

TEST_CASE("patterns that are none, match nothing or everything are refused") {
  for (const char* pattern : {"(", "weight", "arr_.*"}) {
    const auto refused = keep_layers_local(std::make_unique<FakeTrainer>(), pattern, "");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::kUsage);
  }
}

TEST_CASE("a server's model with other tensors is refused") {
  const auto trainer = keep_layers_local(std::make_unique<FakeTrainer>(), "arr_1", "");
  CHECK((*trainer)->train(three(1, 2, 3), {}).error().code == Errc::kInput);
}

TEST_CASE("Ditto sends the common update and trains a personal model towards the common one") {
  const test::TempDir dir;
  auto inner = std::make_unique<FakeTrainer>();
  const auto* fake = inner.get();
  const auto trainer = train_personal_too(std::move(inner), 0.7, dir / "mine.npz");
  REQUIRE(trainer.has_value());
  const auto trained = (*trainer)->train(three(8, 8, 8), {});
  REQUIRE(trained.has_value());
  CHECK(values_of(trained->model) == std::vector<double>{9, 18, 108});
  CHECK(fake->mu == 0.7);
  const auto evaluated = (*trainer)->evaluate(three(1, 1, 1), {});
  CHECK(evaluated->loss == 3);
  CHECK(evaluated->metrics.at("personal_loss") == wire::Scalar(12.0));
  CHECK(evaluated->metrics.at("personal_accuracy") == wire::Scalar(0.012));
  CHECK(values_of(*load_npz(dir / "mine.npz")) == std::vector<double>{4, 4, 4});
  CHECK(train_personal_too(std::make_unique<FakeTrainer>(), 0, "").error().code == Errc::kUsage);
}

}  // namespace marvel::federate
