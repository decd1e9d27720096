#include "compress/options.hpp"

#include <cmath>
#include <functional>

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

TrainOptions usual() {
  TrainOptions options;
  options.data = "mnist";
  options.out = "out";
  return options;
}

// The refusal of otherwise good options after one change.
std::string refusal(const std::function<void(TrainOptions&)>& change) {
  TrainOptions options = usual();
  change(options);
  const Status status = validate(options);
  if (status) {
    return {};
  }
  CHECK(status.error().code == Errc::kUsage);
  return status.error().message;
}

bool names(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("usual options pass") {
  CHECK(validate(usual()).has_value());
}

TEST_CASE("each impossible value is refused by the name of its flag") {
  using O = TrainOptions;
  CHECK(names(refusal([](O& o) { o.model = "cnn"; }), "cnn"));
  CHECK(names(refusal([](O& o) { o.data = ""; }), "--data"));
  CHECK(names(refusal([](O& o) { o.layers = {784}; }), "--layers"));
  CHECK(names(refusal([](O& o) { o.layers = {784, 0, 10}; }), "--layers"));
  CHECK(names(refusal([](O& o) { o.epochs = 0; }), "--epochs"));
  CHECK(names(refusal([](O& o) { o.batch_size = 0; }), "--batch-size"));
  CHECK(names(refusal([](O& o) { o.lr = 0.0; }), "--lr"));
  CHECK(names(refusal([](O& o) { o.lr = std::nan(""); }), "--lr"));
  CHECK(names(refusal([](O& o) { o.lambda = std::vector<double>{1, 2}; }), "--lambda"));
  CHECK(names(refusal([](O& o) { o.lambda = std::vector<double>{-1}; }), "--lambda"));
  CHECK(names(refusal([](O& o) { o.threshold = 0.01; }), "--threshold"));
  CHECK(names(refusal([](O& o) { o.alpha_bs = 1.5; }), "--alpha-bs"));
  CHECK(names(refusal([](O& o) { o.target_reduction = 1.0; }), "--target-reduction"));
  CHECK(names(refusal([](O& o) { o.distill = 2.0; }), "--distill"));
  CHECK(names(refusal([](O& o) { o.teachers = 0; }), "--teachers"));
  CHECK(names(refusal([](O& o) { o.teachers = 3, o.warmup_epochs = 2; }), "--teachers"));
  CHECK(names(refusal([](O& o) { o.augment = "rotate"; }), "--augment"));
  CHECK(names(refusal([](O& o) { o.inputs = "dct"; }), "--inputs"));
  CHECK(names(refusal([](O& o) { o.weight_decay = -1.0; }), "--weight-decay"));
  CHECK(names(refusal([](O& o) { o.validation = -1; }), "--validation"));
  CHECK(names(refusal([](O& o) { o.threads = -1; }), "--threads"));
  CHECK(names(refusal([](O& o) { o.force = o.resume = true; }), "--force and --resume"));
}

TEST_CASE("phases must leave an epoch for pruning, unless nothing is pruned") {
  const auto phases = [](TrainOptions& options) {
    options.epochs = 10;
    options.warmup_epochs = 5;
    options.finetune_epochs = 5;
  };
  CHECK(names(refusal(phases), "epochs"));
  TrainOptions dense = usual();
  dense.method = Method::kNone;
  phases(dense);
  CHECK(validate(dense).has_value());
}

TEST_CASE("a target needs a method that steers towards it") {
  for (const Method method : {Method::kNone, Method::kSoft, Method::kHard, Method::kDynHp}) {
    CAPTURE(method_name(method));
    TrainOptions options = usual();
    options.method = method;
    CHECK(validate(options).has_value());
    options.target_reduction = 0.8;
    const bool steers = method == Method::kHard || method == Method::kDynHp;
    CHECK(validate(options).has_value() == steers);
  }
  CHECK(names(refusal([](TrainOptions& o) { o.target_reduction = 0.8, o.method = Method::kSoft; }),
              "works with hp and dynhp"));
}

TEST_CASE("methods are spelled as on the command line") {
  for (const char* word : {"none", "sp", "hp", "dynhp"}) {
    const auto method = parse_method(word);
    REQUIRE(method.has_value());
    CHECK(method_name(*method) == word);
  }
  CHECK(names(parse_method("dynph").error().hint, "dynhp"));
}

TEST_CASE("a refusal says what, why and which values are allowed") {
  using O = TrainOptions;
  CHECK(refusal([](O& o) { o.layers = {784, 0, 10}; }) ==
        "--layers asks for 0 units in layer 2, but a layer has 1 to 1000000");
  CHECK(refusal([](O& o) { o.alpha_bs = 1.5; }) ==
        "--alpha-bs is 1.5, but must be a share from 0 to 1");
  CHECK(refusal([](O& o) { o.threads = 257; }) ==
        "--threads is 257, but their number must be 0 to 256");
  CHECK(refusal([](O& o) { o.lambda = std::vector<double>{1, 2}; }) ==
        "--lambda has 2 values, but --layers makes 3 weight layers");
  CHECK(names(refusal([](O& o) { o.threshold = 0.04; }), "no unit would ever leave"));
  CHECK(names(refusal([](O& o) { o.threshold = 0.999; }), "every unit would leave"));
  CHECK(names(refusal([](O& o) { o.memory_budget = 0; }), "--memory-budget"));
}

TEST_CASE("values at the edge of their range pass") {
  TrainOptions options = usual();
  options.layers = {1'000'000, 1};
  options.lambda = {0.0};
  options.threshold = 0.0472;
  options.alpha_bs = 0.0;
  options.distill = 1.0;
  options.weight_decay = 0.0;
  options.epochs = options.batch_size = 1;
  options.threads = 256;
  CHECK(validate(options).has_value());
}

TEST_CASE("evaluation takes 0 to 256 threads and times a pass at least") {
  EvalOptions options;
  CHECK(validate(options).has_value());
  for (const int threads : {-1, 257}) {
    options.threads = threads;
    REQUIRE_FALSE(validate(options).has_value());
    CHECK(names(validate(options).error().message, "--threads"));
  }
  options.threads = 256;
  CHECK(validate(options).has_value());
  options.latency_runs = 0;
  CHECK(names(validate(options).error().message, "--latency-runs"));
  options.latency_runs = 1'000'001;  // with what warms up their sum must stay a number
  CHECK(names(validate(options).error().message, "1 to 1000000"));
}

TEST_CASE("what is neither above nor below a bound is refused everywhere") {
  using O = TrainOptions;
  const double nan = std::nan("");
  CHECK(names(refusal([nan](O& o) { o.gate_lr = nan; }), "--gate-lr"));
  CHECK(names(refusal([nan](O& o) { o.threshold = nan; }), "--threshold"));
  CHECK(names(refusal([nan](O& o) { o.alpha_bs = nan; }), "--alpha-bs"));
  CHECK(names(refusal([nan](O& o) { o.distill = nan; }), "--distill"));
  CHECK(names(refusal([nan](O& o) { o.target_reduction = nan; }), "--target-reduction"));
  CHECK(names(refusal([nan](O& o) { o.weight_decay = nan; }), "--weight-decay"));
  CHECK(names(refusal([nan](O& o) { o.lambda = std::vector<double>{nan}; }), "--lambda"));
  CHECK(names(refusal([](O& o) { o.weight_decay = HUGE_VAL; }), "--weight-decay"));
}

TEST_CASE("a near miss of a word is guessed at") {
  TrainOptions options = usual();
  options.augment = "shfit";
  CHECK(names(validate(options).error().hint, "did you mean 'shift'?"));
  options.augment = "crop";
  CHECK(names(validate(options).error().hint, "known: none, shift, flip, shift+flip"));
  CHECK(names(parse_method("dynph").error().hint, "did you mean 'dynhp'?"));
}

}  // namespace marvel::compress
