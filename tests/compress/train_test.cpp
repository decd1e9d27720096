// Whole runs on a small generated data set: seconds each, real files, no fakes but the screen.
#include "base/file.hpp"
#include "compress/latency.hpp"
#include "compress/recipe.hpp"
#include "compress/workshop.hpp"

#include <fstream>
#include <functional>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::compress {

using namespace test_runs;  // NOLINT(google-build-using-namespace): its only users

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
    check_saved_model(shop, *report);
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
    check_saved_model(shop, *report);
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
