#include "federate/server/published_model.hpp"

#include "base/file.hpp"
#include "federate/array/npz.hpp"
#include "federate/model_builder.hpp"
#include "federate/server/checkpoint.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

// Of zeros; with or without gates.
Model perceptron(const std::vector<std::uint64_t>& units, bool gated) {
  Model model;
  for (std::size_t l = 0; l + 1 < units.size(); ++l) {
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1], units[l]}));
    model.push_back(make_tensor(Dtype::kFloat32, {units[l + 1]}));
    if (gated) {
      model.push_back(make_tensor(Dtype::kFloat32, {units[l]}));
    }
  }
  return model;
}

Tensor numbers(std::vector<double> values) {
  return test_models::model_of(std::move(values), Dtype::kInt64)[0];
}

}  // namespace

TEST_CASE("a plain perceptron is read as it is") {
  const test::TempDir dir;
  REQUIRE(save_npz(dir / "m.npz", perceptron({5, 4, 2}, false)).has_value());
  const auto found = load_published(dir / "m.npz");
  REQUIRE(found.has_value());
  CHECK_FALSE(found->gated);
  CHECK(found->layers == std::vector<int>{5, 4, 2});
  CHECK(found->first_layers == found->layers);
  CHECK(found->kept == Positions{{0, 1, 2, 3, 4}, {0, 1, 2, 3}});
}

TEST_CASE("a model that has shrunk gets its inputs from the checkpoint around it") {
  const test::TempDir dir;
  RunState state;
  state.round = 4;
  state.model = std::make_shared<const Model>(perceptron({2, 3, 2}, true));
  const Model kept{numbers({1, 4}), numbers({0, 2, 3}), numbers({5, 4})};
  const Model strikes{numbers({0, 0}), numbers({0, 0, 1})};
  REQUIRE(Checkpoint(dir.path(), "dynhp").save(state, {&kept, &strikes}).has_value());
  const auto found = load_published(dir / "model.npz");
  REQUIRE(found.has_value());
  CHECK(found->gated);
  CHECK(found->layers == std::vector<int>{2, 3, 2});
  CHECK(found->first_layers == std::vector<int>{5, 4, 2});
  CHECK(found->kept == Positions{{1, 4}, {0, 2, 3}});
}

TEST_CASE("a gated model without a checkpoint that tells its inputs is refused") {
  const test::TempDir dir;
  REQUIRE(save_npz(dir / "copy.npz", perceptron({2, 3, 2}, true)).has_value());
  const auto alone = load_published(dir / "copy.npz");
  REQUIRE_FALSE(alone.has_value());
  CHECK(alone.error().code == Errc::kInput);
  CHECK(alone.error().message.find("is not beside it") != std::string::npos);
  REQUIRE(write_file_atomically(dir / "state.json", "{").has_value());
  const auto damaged = load_published(dir / "copy.npz");
  REQUIRE_FALSE(damaged.has_value());
  CHECK(damaged.error().code == Errc::kInput);
  CHECK(damaged.error().hint.ends_with("try again"));
}

TEST_CASE("a gated model of a run whose strategy takes no inputs away has all of them") {
  const test::TempDir dir;
  RunState state;
  state.round = 4;
  state.model = std::make_shared<const Model>(perceptron({5, 4, 2}, true));
  REQUIRE(Checkpoint(dir.path(), "fedavg").save(state, {}).has_value());
  const auto found = load_published(dir / "model.npz");
  REQUIRE(found.has_value());
  CHECK(found->first_layers == std::vector<int>{5, 4, 2});
  CHECK(found->kept == Positions{{0, 1, 2, 3, 4}, {0, 1, 2, 3}});
}

TEST_CASE("of a model that is not the checkpoint's only one at its first size is understood") {
  const test::TempDir dir;
  RunState state;
  state.round = 4;
  state.model = std::make_shared<const Model>(perceptron({2, 3, 2}, true));
  const Model kept{numbers({1, 4}), numbers({0, 2, 3}), numbers({5, 4})};
  const Model strikes{numbers({0, 0}), numbers({0, 0, 1})};
  REQUIRE(Checkpoint(dir.path(), "dynhp").save(state, {&kept, &strikes}).has_value());
  REQUIRE(save_npz(dir / "round-2.npz", perceptron({3, 3, 2}, true)).has_value());
  CHECK(load_published(dir / "round-2.npz").error().code == Errc::kInput);
  REQUIRE(save_npz(dir / "first.npz", perceptron({5, 4, 2}, true)).has_value());
  const auto first = load_published(dir / "first.npz");
  REQUIRE(first.has_value());
  CHECK(first->kept == Positions{{0, 1, 2, 3, 4}, {0, 1, 2, 3}});
  std::filesystem::remove(dir / "moments-4-0.npz");  // as while the next round takes its place
  const auto replaced = load_published(dir / "model.npz");
  REQUIRE_FALSE(replaced.has_value());
  CHECK(replaced.error().code == Errc::kInput);
}

TEST_CASE("masks that are damaged are refused, and so is what is no perceptron") {
  const test::TempDir dir;
  RunState state;
  state.model = std::make_shared<const Model>(perceptron({2, 3, 2}, true));
  const Model kept{numbers({4, 1}), numbers({0, 2, 3}), numbers({5, 4})};
  const Model strikes{numbers({0, 0}), numbers({0, 0, 1})};
  REQUIRE(Checkpoint(dir.path(), "dynhp").save(state, {&kept, &strikes}).has_value());
  CHECK(load_published(dir / "model.npz").error().code == Errc::kInput);
  REQUIRE(save_npz(dir / "other.npz", test_models::model_of({1, 2})).has_value());
  CHECK(load_published(dir / "other.npz").error().code == Errc::kInput);
  CHECK(load_published(dir / "none.npz").error().code == Errc::kInput);
}

}  // namespace marvel::federate
