// Whole runs on a small generated data set: seconds each, real files, no fakes but the screen.
#include "compress/train.hpp"

#include "base/file.hpp"
#include "compress/eval.hpp"
#include "compress/latency.hpp"
#include "compress/recipe.hpp"
#include "compress/run_folder.hpp"
#include "compress/run_state.hpp"
#include "data/dataset_builder.hpp"
#include "model/torch.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

namespace fs = std::filesystem;

// Raises the stop flag when the given number of progress updates has been seen.
class StopAfter : public Progress {
 public:
  StopAfter(StopFlag& flag, int updates) : flag_(flag), left_(updates) {}
  void begin(std::string_view, std::uint64_t) override {}
  void update(std::uint64_t, std::string_view) override {
    if (--left_ == 0) {
      flag_.raise(2);
    }
  }
  void milestone(std::string_view) override {}
  void end() override {}

 private:
  StopFlag& flag_;
  int left_;
};

struct Workshop {
  test::TempDir dir;
  test::TestContext world;
  FolderLock lock;  // of the last run

  Workshop() { test::write_dataset(dir / "data", 640, 80); }

  TrainOptions options(const std::string& out, Method method = Method::kHard) {
    TrainOptions options;
    options.layers = {64, 24, 12, 4};
    options.data = (dir / "data").string();
    options.out = (dir / out).string();
    options.method = method;
    options.epochs = 16;
    options.warmup_epochs = 4;
    options.finetune_epochs = 4;
    options.batch_size = 20;
    options.lambda = std::vector<double>{0.3};
    options.gate_lr = 0.08;
    options.lr = 5e-3;
    options.validation = 40;
    options.threads = 1;  // tests run side by side; run_test.sh uses two
    return options;
  }

  Result<TrainReport> run(const TrainOptions& options) { return run(options, world.context); }

  Result<TrainReport> run(const TrainOptions& options, Context& context) {
    lock = FolderLock();
    return train(options, context, &lock);
  }

  Result<TrainReport> run_stopping(const TrainOptions& options, int updates) {
    StopFlag stop;
    StopAfter progress(stop, updates);
    Context context{world.log, progress, stop};
    return run(options, context);
  }
};

// All tensors of the final checkpoint, for comparisons to the bit.
std::vector<torch::Tensor> tensors_of(const fs::path& out) {
  const auto checkpoint = load_checkpoint(out / kCheckpointFile);
  REQUIRE(checkpoint.has_value());
  std::vector<torch::Tensor> tensors;
  for (const auto& layer : checkpoint->state.net.layers) {
    for (const auto* parameter : {&layer.weight, &layer.bias}) {
      for (const auto* tensor :
           {&parameter->value, &parameter->moment1, &parameter->moment2, &parameter->average}) {
        tensors.push_back(*tensor);
      }
    }
  }
  return tensors;
}

bool same_bits(const fs::path& a, const fs::path& b) {
  const auto left = tensors_of(a);
  const auto right = tensors_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& x, const auto& y) { return torch::equal(x, y); });
}

// Validation and test error of every epoch.
std::vector<std::pair<double, double>> errors_of(const fs::path& out) {
  const auto checkpoint = load_checkpoint(out / kCheckpointFile);
  REQUIRE(checkpoint.has_value());
  std::vector<std::pair<double, double>> errors;
  for (const auto& epoch : checkpoint->state.history) {
    errors.emplace_back(epoch.validation_error_percent, epoch.test_error_percent);
  }
  return errors;
}

std::string refusal(const Result<TrainReport>& result, Errc code) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == code);
  return describe(result.error());
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every method trains, shrinks as it should and leaves a model that agrees with it") {
  for (const Method method : {Method::kNone, Method::kSoft, Method::kHard, Method::kDynHp}) {
    CAPTURE(method_name(method));
    Workshop shop;
    const auto report = shop.run(shop.options("out", method));
    REQUIRE(report.has_value());
    CHECK(report->status == "finished");
    CHECK(report->epochs.size() == 16);
    CHECK(report->equality_max_difference <= 1e-5);
    CHECK(report->test_error_percent < 30.0);
    CHECK((report->parameters < report->parameters_dense) == (method != Method::kNone));
    EvalOptions eval;
    eval.model = report->model_path;
    eval.data = (shop.dir / "data").string();
    eval.latency_runs = 10;
    const auto checked = evaluate(eval, shop.world.context);
    REQUIRE(checked.has_value());
    CHECK(checked->test_error_percent == doctest::Approx(report->test_error_percent));
    CHECK(checked->parameters == report->parameters);
  }
}

TEST_CASE("pruning is one-way and never empties a layer") {
  Workshop shop;
  auto options = shop.options("out");
  options.lambda = std::vector<double>{50.0};  // would close everything
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  for (std::size_t e = 1; e < report->epochs.size(); ++e) {
    for (std::size_t l = 0; l < 4; ++l) {
      CHECK(report->epochs[e].units[l] <= report->epochs[e - 1].units[l]);
      CHECK(report->epochs[e].units[l] >= 1);
    }
  }
  const auto model = inspect(report->model_path, shop.world.context);
  REQUIRE(model.has_value());
  const auto kept = nlohmann::json::parse(model->json).at("kept_units");
  for (const auto& layer : kept) {
    const auto indices = layer.get<std::vector<int>>();
    CHECK(std::is_sorted(indices.begin(), indices.end()));
    CHECK(std::set<int>(indices.begin(), indices.end()).size() == indices.size());
  }
}

TEST_CASE("the same seed gives the same bits, another seed does not") {
  Workshop shop;
  REQUIRE(shop.run(shop.options("a")).has_value());
  REQUIRE(shop.run(shop.options("b")).has_value());
  auto other = shop.options("c");
  other.seed = 2;
  REQUIRE(shop.run(other).has_value());
  CHECK(same_bits(shop.dir / "a", shop.dir / "b"));
  CHECK_FALSE(same_bits(shop.dir / "a", shop.dir / "c"));
}

TEST_CASE("a run that is stopped anywhere and resumed equals one that was not, to the bit") {
  for (const Method method : {Method::kHard, Method::kDynHp}) {
    Workshop shop;
    REQUIRE(shop.run(shop.options("whole", method)).has_value());
    for (const int updates : {1, 47, 130, 211, 303}) {
      CAPTURE(updates);
      const auto name = "cut" + std::to_string(updates);
      auto options = shop.options(name, method);
      const auto cut = shop.run_stopping(options, updates);
      REQUIRE(cut.has_value());
      CHECK(cut->status == "interrupted");
      options.resume = true;
      const auto resumed = shop.run(options);
      REQUIRE(resumed.has_value());
      CHECK(resumed->status == "finished");
      CHECK(same_bits(shop.dir / "whole", shop.dir / name));
    }
  }
}

TEST_CASE("stopped while any of several teachers learns, a run goes on to the same bits") {
  Workshop shop;
  const auto with_teachers = [&shop](const std::string& out) {
    auto options = shop.options(out);
    options.warmup_epochs = 4;
    options.teachers = 2;
    options.distill = 0.5;
    options.target_reduction = 0.8;
    options.lambda.reset();
    return options;
  };
  const auto whole = shop.run(with_teachers("whole"));
  REQUIRE(whole.has_value());
  CHECK(whole->dense_test_error_percent >= 0);
  for (const int updates : {10, 60, 75, 120, 140}) {  // an epoch has 30
    CAPTURE(updates);
    auto options = with_teachers("cut" + std::to_string(updates));
    REQUIRE(shop.run_stopping(options, updates).has_value());
    options.resume = true;
    REQUIRE(shop.run(options).has_value());
    CHECK(same_bits(shop.dir / "whole", options.out));
  }
}

TEST_CASE("with a target the size never exceeds the schedule") {
  Workshop shop;
  auto options = shop.options("out");
  options.lambda.reset();
  options.target_reduction = 0.9;
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  const Recipe recipe = make_recipe(options, 1);
  const auto dense = static_cast<double>(report->parameters_dense);
  for (const auto& epoch : report->epochs) {
    if (epoch.phase == "prune") {
      CHECK(static_cast<double>(epoch.parameters) <= recipe.scheduled_size(dense, epoch.epoch));
    }
  }
}

TEST_CASE("resuming with other settings is refused and keeps the checkpoint") {
  Workshop shop;
  auto options = shop.options("out");
  REQUIRE(shop.run_stopping(options, 20).has_value());
  const auto before = *read_file(shop.dir / "out/checkpoint.pt");
  options.resume = true;
  options.lr = 0.5;
  CHECK(mentions(refusal(shop.run(options), Errc::kUsage), "other settings"));
  CHECK(*read_file(shop.dir / "out/checkpoint.pt") == before);
}

TEST_CASE("a damaged checkpoint is refused") {
  Workshop shop;
  auto options = shop.options("out");
  REQUIRE(shop.run_stopping(options, 20).has_value());
  const auto bytes = *read_file(shop.dir / "out/checkpoint.pt");
  std::ofstream(shop.dir / "out/checkpoint.pt", std::ios::binary) << bytes.substr(0, 1000);
  options.resume = true;
  CHECK(mentions(refusal(shop.run(options), Errc::kInput), "damaged"));
}

TEST_CASE("a used output folder needs --force or --resume") {
  Workshop shop;
  fs::create_directories(shop.dir / "out");
  std::ofstream(shop.dir / "out/precious") << "x";
  auto options = shop.options("out");
  CHECK(mentions(refusal(shop.run(options), Errc::kInput), "not empty"));
  CHECK(*read_file(shop.dir / "out/precious") == "x");
  options.force = true;
  CHECK(shop.run(options).has_value());
}

TEST_CASE("--force leaves nothing that an earlier run made, whenever it is stopped") {
  Workshop shop;
  auto options = shop.options("out");
  REQUIRE(shop.run(options).has_value());
  REQUIRE(fs::exists(shop.dir / "out/model.pt"));
  std::ofstream(shop.dir / "out/report.html") << "of the earlier run";
  options.force = true;
  options.lr = 1e30;
  options.warmup_epochs = 0;
  options.finetune_epochs = 0;
  CHECK_FALSE(shop.run(options).has_value());
  CHECK_FALSE(fs::exists(shop.dir / "out/model.pt"));
  CHECK_FALSE(fs::exists(shop.dir / "out/report.html"));
}

TEST_CASE("--force keeps what is there when the stop came before the run") {
  Workshop shop;
  auto options = shop.options("out");
  fs::create_directories(options.out);
  std::ofstream(shop.dir / "out/model.pt") << "of the earlier run";
  options.force = true;
  StopFlag stop;
  stop.raise(2);
  Context context{shop.world.log, shop.world.progress, stop};
  CHECK(mentions(refusal(shop.run(options, context), Errc::kFailed), "before anything was done"));
  CHECK(*read_file(shop.dir / "out/model.pt") == "of the earlier run");
}

TEST_CASE("a run's folder is locked until its caller has written the reports") {
  Workshop shop;
  auto options = shop.options("out", Method::kNone);
  REQUIRE(shop.run(options).has_value());
  CHECK(shop.lock.is_held());
  options.force = true;
  FolderLock another;
  CHECK(mentions(refusal(train(options, shop.world.context, &another), Errc::kConflict),
                 "another training"));
  CHECK_FALSE(another.is_held());
  CHECK(fs::exists(shop.dir / "out/model.pt"));
}

TEST_CASE("the seconds of a run are those of all its processes") {
  Workshop shop;
  auto options = shop.options("out");
  REQUIRE(shop.run_stopping(options, 100).has_value());
  constexpr double kBefore = 1000.0;
  const auto checkpoint_path = shop.dir / "out" / kCheckpointFile;
  auto checkpoint = load_checkpoint(checkpoint_path);
  REQUIRE(checkpoint.has_value());
  CHECK(checkpoint->state.seconds > 0);
  checkpoint->state.seconds = kBefore;
  REQUIRE(save_checkpoint(checkpoint_path, checkpoint->state, checkpoint->fingerprint));
  options.resume = true;
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  CHECK(report->seconds_total > kBefore);
  CHECK(load_checkpoint(checkpoint_path)->state.seconds > kBefore);
}

TEST_CASE("a diverging run stops, says so and keeps the last good checkpoint") {
  Workshop shop;
  auto options = shop.options("out");
  options.lr = 1e30;
  options.warmup_epochs = 0;
  options.finetune_epochs = 0;
  const auto text = refusal(shop.run(options), Errc::kFailed);
  CHECK(mentions(text, "NaN or infinite"));
  CHECK_FALSE(fs::exists(shop.dir / "out/model.pt"));
}

TEST_CASE("data that do not fit the network are refused before anything is written") {
  Workshop shop;
  auto options = shop.options("out");
  options.layers = {784, 24, 4};
  CHECK(mentions(refusal(shop.run(options), Errc::kInput), "begin --layers with 64"));
  options = shop.options("out");
  options.layers = {64, 24, 3};
  CHECK(mentions(refusal(shop.run(options), Errc::kInput), "has label 3"));
  options = shop.options("out");
  options.validation = 640;
  CHECK(mentions(refusal(shop.run(options), Errc::kUsage), "--validation 640"));
  options = shop.options("out");
  options.memory_budget = 100;
  CHECK(mentions(refusal(shop.run(options), Errc::kUsage), "smallest that works"));
  CHECK_FALSE(fs::exists(shop.dir / "out"));
}

TEST_CASE("a network of wavelet coefficients trains, resumes and is saved like one of pixels") {
  Workshop shop;
  const auto options = [&](const std::string& out) {
    auto wanted = shop.options(out);
    wanted.inputs = "haar";
    wanted.augment = "shift+flip";
    wanted.target_reduction = 0.8;
    wanted.distill = 0.5;
    wanted.teachers = 2;  // the first sees pixels
    return wanted;
  };
  const auto whole = shop.run(options("whole"));
  REQUIRE(whole.has_value());
  CHECK(whole->architecture.front() < 64);
  CHECK(whole->equality_max_difference <= 1e-5);
  CHECK(whole->test_error_percent < 30);

  auto rest = options("broken");
  // In the first and last epoch of either teacher, in the first of pruning, later, in fine-tuning.
  for (const int updates : {20, 60, 75, 120, 135, 250, 375}) {
    rest.force = true;
    rest.resume = false;
    REQUIRE(shop.run_stopping(rest, updates)->status == "interrupted");
    rest.force = false;
    rest.resume = true;
    REQUIRE(shop.run(rest).has_value());
    CHECK(same_bits(shop.dir / "whole", shop.dir / "broken"));
    CHECK(errors_of(shop.dir / "whole") == errors_of(shop.dir / "broken"));
  }

  rest.inputs = "pixels";
  CHECK(mentions(refusal(shop.run(rest), Errc::kUsage), "other settings"));

  EvalOptions eval;
  eval.model = whole->model_path;
  eval.data = (shop.dir / "data").string();
  eval.latency_runs = 10;
  const auto checked = evaluate(eval, shop.world.context);
  REQUIRE(checked.has_value());
  CHECK(checked->test_error_percent == doctest::Approx(whole->test_error_percent));
  const auto about = inspect(whole->model_path, shop.world.context);
  REQUIRE(about.has_value());
  CHECK(nlohmann::json::parse(about->json).at("input").at("basis") == "haar");
}

TEST_CASE("methods that keep all inputs train on wavelet coefficients, too") {
  for (const Method method : {Method::kNone, Method::kSoft}) {
    CAPTURE(method_name(method));
    Workshop shop;
    auto options = shop.options("out", method);
    options.inputs = "haar";
    const auto report = shop.run(options);
    REQUIRE(report.has_value());
    CHECK(report->equality_max_difference <= 1e-5);
    CHECK(report->test_error_percent < 30);
  }
}

TEST_CASE("images with an odd side have no wavelet coefficients") {
  Workshop shop;
  test::write_dataset(shop.dir / "odd", 60, 20, 7);
  auto options = shop.options("out");
  options.data = (shop.dir / "odd").string();
  options.layers = {49, 24, 4};
  options.inputs = "haar";
  const auto why = refusal(shop.run(options), Errc::kInput);
  CHECK(mentions(why, "7x7"));
  CHECK(mentions(why, "--inputs pixels"));
  CHECK_FALSE(fs::exists(shop.dir / "out"));
}

TEST_CASE("the budget caps the batch, and the batch grows as the network shrinks") {
  Workshop shop;
  auto options = shop.options("out", Method::kDynHp);
  options.alpha_bs = 0.0;
  options.batch_size = 10;
  constexpr std::uint64_t kInput = 64 * 4;
  const std::uint64_t dense = 4 * (65 * 24 + 25 * 12 + 13 * 4);
  options.memory_budget = dense + 15 * kInput;
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  for (const auto& epoch : report->epochs) {
    CHECK(epoch.memory_bytes <= *options.memory_budget);
    CHECK(epoch.memory_bytes ==
          epoch.parameters * 4 + static_cast<std::uint64_t>(epoch.batch_size) * kInput);
  }
  CHECK(report->epochs.front().batch_size == 15);
  CHECK(report->epochs.back().batch_size > 15);
}

TEST_CASE("a target is reached") {
  Workshop shop;
  auto options = shop.options("out");
  options.target_reduction = 0.9;
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  CHECK(report->reduction_percent >= 90.0);
}

TEST_CASE("a model is refused data of another size, and foreign files are no models") {
  Workshop shop;
  auto options = shop.options("out");
  options.epochs = 4;
  options.warmup_epochs = 1;
  options.finetune_epochs = 1;
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  test::write_dataset(shop.dir / "other", 20, 20, 10);
  EvalOptions eval;
  eval.model = report->model_path;
  eval.data = (shop.dir / "other").string();
  const auto refused = evaluate(eval, shop.world.context);
  REQUIRE_FALSE(refused.has_value());
  CHECK(mentions(refused.error().message, "wants 64 pixels"));
  CHECK(inspect((shop.dir / "data/train-labels-idx1-ubyte").string(), shop.world.context)
            .error()
            .code == Errc::kInput);
}

TEST_CASE("a stop ends an evaluation, among the images and among the timed passes") {
  Workshop shop;
  auto options = shop.options("out", Method::kNone);
  options.epochs = 1;
  options.warmup_epochs = 0;
  options.finetune_epochs = 0;
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  EvalOptions eval;
  eval.model = report->model_path;
  eval.data = options.data;
  shop.world.stop.raise(2);
  const auto stopped = evaluate(eval, shop.world.context);
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().code == Errc::kFailed);
  auto model = model::ScriptModel::load(report->model_path);
  REQUIRE(model.has_value());
  const auto latency = measure_latency(*model, torch::zeros({1, 64}), 10, &shop.world.stop);
  REQUIRE_FALSE(latency.has_value());
  CHECK(latency.error().code == Errc::kFailed);
  CHECK(measure_latency(*model, torch::zeros({1, 64}), 10).has_value());
}

TEST_CASE("without fine-tuning too, the reported figures are those of the saved network") {
  for (const Method method : {Method::kSoft, Method::kHard, Method::kDynHp}) {
    CAPTURE(method_name(method));
    Workshop shop;
    auto options = shop.options("out", method);
    options.finetune_epochs = 0;
    const auto report = shop.run(options);
    REQUIRE(report.has_value());
    EvalOptions eval;
    eval.model = report->model_path;
    eval.data = options.data;
    eval.latency_runs = 10;
    const auto checked = evaluate(eval, shop.world.context);
    REQUIRE(checked.has_value());
    CHECK(checked->test_error_percent == doctest::Approx(report->test_error_percent));
    CHECK(checked->parameters == report->parameters);
  }
}

TEST_CASE("a run goes on with the same data, wherever they lie, and with no others") {
  Workshop shop;
  auto options = shop.options("out");
  REQUIRE(shop.run_stopping(options, 20).has_value());
  fs::rename(shop.dir / "data", shop.dir / "moved");
  test::write_dataset(shop.dir / "data", 640, 80, 8, 3);  // as many, but others
  options.resume = true;
  CHECK(mentions(refusal(shop.run(options), Errc::kUsage), "data"));
  options.data = (shop.dir / "moved").string();
  CHECK(shop.run(options).has_value());
}

TEST_CASE("weights that the last step of an epoch has spoilt are not saved") {
  Workshop shop;
  auto options = shop.options("out");
  options.warmup_epochs = 0;
  options.batch_size = 600;  // all there are: the loss of the only step is a good one
  options.lr = 1e39;         // no float
  CHECK(mentions(refusal(shop.run(options), Errc::kFailed), "weights became NaN or infinite"));
  CHECK_FALSE(fs::exists(shop.dir / "out/checkpoint.pt"));
}

}  // namespace marvel::compress
