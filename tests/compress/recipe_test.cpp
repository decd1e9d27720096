#include "compress/recipe.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

TrainOptions options_for(const std::string& data, Method method = Method::kDynHp) {
  TrainOptions options;
  options.data = data;
  options.method = method;
  return options;
}

bool has_setting(const Recipe& recipe, const std::string& name, const std::string& value) {
  const auto settings = settings_of(recipe);
  return std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
    return setting.first == name && setting.second == value;
  });
}

}  // namespace

TEST_CASE("phases follow each other and fill the run") {
  const Recipe recipe = make_recipe(options_for("mnist"), 2);
  Phase last = Phase::kWarmUp;
  int prune_epochs = 0;
  for (int epoch = 1; epoch <= recipe.epochs; ++epoch) {
    const Phase phase = recipe.phase(epoch);
    CHECK(phase >= last);
    last = phase;
    prune_epochs += phase == Phase::kPrune ? 1 : 0;
  }
  CHECK(prune_epochs == recipe.epochs - recipe.warmup_epochs - recipe.finetune_epochs);
  CHECK(prune_epochs > 0);
  CHECK(last == Phase::kFineTune);
}

TEST_CASE("a run of any length has an epoch for pruning, unless nothing is pruned") {
  for (const char* const data : {"mnist", "fashion-mnist", "/some/folder"}) {
    for (int epochs = 1; epochs <= 10; ++epochs) {
      CAPTURE(data);
      CAPTURE(epochs);
      auto options = options_for(data);
      options.epochs = epochs;
      const Recipe recipe = make_recipe(options, 2);
      CHECK(check_phases(recipe).has_value());
      CHECK(recipe.phase(recipe.warmup_epochs + 1) == Phase::kPrune);
      CHECK(recipe.price_scale(recipe.warmup_epochs + 1) > 0.0);
      options.method = Method::kNone;
      CHECK(check_phases(make_recipe(options, 2)).has_value());
    }
  }
}

TEST_CASE("the phases of the measured recipes are the preset's") {
  const Recipe mnist = make_recipe(options_for("mnist"), 2);
  CHECK(mnist.warmup_epochs == 12);
  CHECK(mnist.finetune_epochs == 45);
  const Recipe fashion = make_recipe(options_for("fashion-mnist"), 2);
  CHECK(fashion.warmup_epochs == 120);
  CHECK(fashion.finetune_epochs == 60);
}

TEST_CASE("a phase that was given stays, and the other makes room for pruning") {
  auto options = options_for("mnist");
  options.epochs = 10;
  options.warmup_epochs = 8;
  const Recipe recipe = make_recipe(options, 2);
  CHECK(recipe.warmup_epochs == 8);
  CHECK(recipe.finetune_epochs == 1);
  options.warmup_epochs.reset();
  options.finetune_epochs = 9;
  CHECK(make_recipe(options, 2).finetune_epochs == 9);
  CHECK(make_recipe(options, 2).warmup_epochs == 0);
}

TEST_CASE("phases that were given and leave nothing for pruning are refused") {
  auto options = options_for("mnist");  // 100 epochs, which only the recipe knows
  options.warmup_epochs = 60;
  options.finetune_epochs = 40;
  const Status status = check_phases(make_recipe(options, 2));
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kUsage);
  options.warmup_epochs = 59;
  CHECK(check_phases(make_recipe(options, 2)).has_value());
}

TEST_CASE("gates cost nothing in warm-up, rise over the ramp, and stay at their price") {
  const Recipe recipe = make_recipe(options_for("mnist"), 2);
  CHECK(recipe.price_scale(recipe.warmup_epochs) == 0.0);
  double before = 0;
  for (int epoch = recipe.warmup_epochs + 1; epoch <= recipe.epochs - recipe.finetune_epochs;
       ++epoch) {
    CHECK(recipe.price_scale(epoch) >= before);
    before = recipe.price_scale(epoch);
  }
  CHECK(before == 1.0);
  CHECK(recipe.price_scale(recipe.epochs) == 0.0);
}

TEST_CASE("the learning rate falls to zero at the end of warm-up and of the run") {
  const Recipe recipe = make_recipe(options_for("mnist"), 2);
  CHECK(recipe.lr_scale(1, 0.0) == 1.0);
  CHECK(recipe.lr_scale(recipe.warmup_epochs, 0.999) < 0.01);
  CHECK(recipe.lr_scale(recipe.warmup_epochs + 1, 0.5) == 1.0);
  CHECK(recipe.lr_scale(recipe.epochs, 0.999) < 0.01);
  const Recipe dense = make_recipe(options_for("mnist", Method::kNone), 2);
  CHECK(dense.lr_scale(1, 0.0) == 1.0);
  CHECK(dense.lr_scale(dense.epochs, 0.999) < 0.01);
}

TEST_CASE("teachers share the warm-up, and the learning rate falls to zero for each") {
  auto options = options_for("mnist");
  options.epochs = 40;
  options.warmup_epochs = 11;
  options.teachers = 3;
  const Recipe recipe = make_recipe(options, 2);
  std::vector<int> begins;
  for (int epoch = 1; epoch <= recipe.epochs; ++epoch) {
    if (recipe.begins_teacher(epoch)) {
      begins.push_back(epoch);
      CHECK(recipe.lr_scale(epoch, 0.0) == 1.0);
    }
  }
  CHECK(begins == std::vector<int>{1, 4, 7});
  CHECK(recipe.lr_scale(3, 0.999) < 0.01);
  CHECK(recipe.lr_scale(11, 0.999) < 0.01);
  CHECK(recipe.teacher_of(11) == 2);
}

TEST_CASE("there are no more teachers than listeners and epochs for them") {
  auto options = options_for("fashion-mnist");
  options.epochs = 8;
  options.warmup_epochs = 2;
  CHECK(make_recipe(options, 2).teachers == 2);
  options.distill = 0.0;
  CHECK(make_recipe(options, 2).teachers == 1);
}

TEST_CASE("the scheduled size falls by the same factor every epoch and reaches the target early") {
  auto options = options_for("mnist");
  options.target_reduction = 0.9;
  const Recipe recipe = make_recipe(options, 2);
  const int first = recipe.warmup_epochs;
  const int last = recipe.epochs - recipe.finetune_epochs;
  CHECK(recipe.scheduled_size(1000, first) == doctest::Approx(1000));
  CHECK(recipe.scheduled_size(1000, last) == doctest::Approx(100));
  CHECK(recipe.scheduled_size(1000, last - 2) == doctest::Approx(100));
  const double factor = recipe.scheduled_size(1, first + 1);
  CHECK(recipe.scheduled_size(1, first + 2) == doctest::Approx(factor * factor));
}

TEST_CASE("what is given wins over the recipe, and a shorter run keeps its proportions") {
  auto options = options_for("mnist");
  options.epochs = 30;
  options.batch_size = 17;
  options.lambda = std::vector<double>{0.25};
  options.augment = "none";
  const Recipe recipe = make_recipe(options, 2);
  const Recipe whole = make_recipe(options_for("mnist"), 2);
  CHECK(recipe.batch_size == 17);
  CHECK(recipe.lambda == std::vector<double>{0.25, 0.25, 0.25});
  CHECK(recipe.shift == 0);
  const double share = static_cast<double>(whole.warmup_epochs) / whole.epochs;
  CHECK(recipe.warmup_epochs == doctest::Approx(share * 30).epsilon(0.1));
}

TEST_CASE("without a warm-up the gates start as in the L0 paper, with one they start open") {
  auto options = options_for("mnist");
  options.warmup_epochs = 0;
  CHECK(make_recipe(options, 2).drop_rates == std::vector<double>{0.2, 0.5, 0.5});
  // ln((1 - p) / p) > 2.3979, where the test gate is exactly 1.
  CHECK(make_recipe(options_for("mnist"), 2).drop_rates.front() < 0.0833);
}

TEST_CASE("an unknown data set is not augmented") {
  const Recipe recipe = make_recipe(options_for("/some/folder"), 2);
  CHECK(recipe.shift == 0);
  CHECK_FALSE(recipe.flip);
}

TEST_CASE(
    "of teachers of wavelet coefficients every other one sees pixels, the last one does not") {
  using model::InputBasis;
  auto options = options_for("fashion-mnist");
  options.target_reduction = 0.9;
  for (const int teachers : {1, 2, 5, 6}) {
    options.teachers = teachers;
    const Recipe recipe = make_recipe(options, 2);
    for (int back = 0; back < teachers; ++back) {
      CHECK(recipe.inputs_of(teachers - 1 - back) ==
            (back % 2 == 0 ? InputBasis::kHaar : InputBasis::kPixels));
    }
  }
  options.inputs = "pixels";
  const Recipe recipe = make_recipe(options, 2);
  CHECK(recipe.inputs_of(0) == InputBasis::kPixels);
  CHECK(recipe.inputs_of(4) == InputBasis::kPixels);
}

TEST_CASE("a dense run has no teacher") {
  auto options = options_for("fashion-mnist");
  options.method = Method::kNone;
  CHECK(make_recipe(options, 2).teachers == 1);
}

TEST_CASE("who keeps few inputs gets wavelet coefficients, where they were measured to help") {
  using model::InputBasis;
  auto options = options_for("fashion-mnist");
  CHECK(make_recipe(options, 2).inputs == InputBasis::kPixels);
  options.target_reduction = 0.799;
  CHECK(make_recipe(options, 2).inputs == InputBasis::kPixels);
  CHECK(make_recipe(options, 2).weight_decay == 0);
  options.target_reduction = 0.8;
  CHECK(make_recipe(options, 2).inputs == InputBasis::kHaar);
  CHECK(make_recipe(options, 2).weight_decay == 1e-4);
  CHECK(has_setting(make_recipe(options, 2), "teacher-inputs",
                    "pixels,haar,pixels,haar,pixels,haar"));
  options.inputs = "pixels";
  CHECK(make_recipe(options, 2).inputs == InputBasis::kPixels);
  options = options_for("mnist");
  options.target_reduction = 0.96;
  CHECK(make_recipe(options, 2).inputs == InputBasis::kPixels);
  options.inputs = "haar";
  CHECK(make_recipe(options, 2).inputs == InputBasis::kHaar);
  CHECK(has_setting(make_recipe(options, 2), "inputs", "haar"));
}

TEST_CASE("threads default to the cores, two at most") {
  CHECK(make_recipe(options_for("mnist"), 1).threads == 1);
  CHECK(make_recipe(options_for("mnist"), 64).threads == 2);
  auto options = options_for("mnist");
  options.threads = 5;
  CHECK(make_recipe(options, 64).threads == 5);
}

TEST_CASE("settings name every value in force by its flag") {
  auto options = options_for("mnist");
  options.seed = 42;
  options.augment = "shift+flip";
  const Recipe recipe = make_recipe(options, 2);
  CHECK(has_setting(recipe, "seed", "42"));
  CHECK(has_setting(recipe, "augment", "shift+flip"));
  CHECK(has_setting(recipe, "method", "dynhp"));
  CHECK(has_setting(recipe, "layers", "784,300,100,10"));
}

}  // namespace marvel::compress
