#pragma once

// What tests of whole training runs share: a small generated data set, options that train on it in
// seconds, and looks at what a run leaves behind.
#include "compress/eval.hpp"
#include "compress/run_folder.hpp"
#include "compress/run_state.hpp"
#include "compress/train.hpp"
#include "data/dataset_builder.hpp"
#include "model/torch.hpp"
#include "support/fakes.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::compress::test_runs {

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
inline std::vector<torch::Tensor> tensors_of(const fs::path& out) {
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

inline bool same_bits(const fs::path& a, const fs::path& b) {
  const auto left = tensors_of(a);
  const auto right = tensors_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& x, const auto& y) { return torch::equal(x, y); });
}

// Validation and test error of every epoch.
inline std::vector<std::pair<double, double>> errors_of(const fs::path& out) {
  const auto checkpoint = load_checkpoint(out / kCheckpointFile);
  REQUIRE(checkpoint.has_value());
  std::vector<std::pair<double, double>> errors;
  for (const auto& epoch : checkpoint->state.history) {
    errors.emplace_back(epoch.validation_error_percent, epoch.test_error_percent);
  }
  return errors;
}

inline std::string refusal(const Result<TrainReport>& result, Errc code) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == code);
  return describe(result.error());
}

inline bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Figures of a report that the saved model, evaluated by itself, must give again.
inline void check_saved_model(Workshop& shop, const TrainReport& report) {
  EvalOptions eval;
  eval.model = report.model_path;
  eval.data = (shop.dir / "data").string();
  eval.latency_runs = 10;
  const auto checked = evaluate(eval, shop.world.context);
  REQUIRE(checked.has_value());
  CHECK(checked->test_error_percent == doctest::Approx(report.test_error_percent));
  CHECK(checked->parameters == report.parameters);
  CHECK(checked->macs_inputs == report.macs_inputs);
}

}  // namespace marvel::compress::test_runs
