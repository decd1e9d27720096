// Whole runs of networks that see wavelet coefficients instead of pixels (model/haar.hpp).
#include "compress/workshop.hpp"

#include <nlohmann/json.hpp>

namespace marvel::compress {

using namespace test_runs;  // NOLINT(google-build-using-namespace): its only users

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

  check_saved_model(shop, *whole);
  const auto about = inspect(whole->model_path, shop.world.context);
  REQUIRE(about.has_value());
  const auto description = nlohmann::json::parse(about->json);
  CHECK(description.at("input").at("basis") == "haar");
  CHECK(whole->macs_inputs == 4 * 16 * 16);  // four squares
  CHECK(description.at("macs_inputs") == whole->macs_inputs);
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

TEST_CASE("a model of coefficients is refused images of another shape, however many pixels") {
  Workshop shop;
  auto options = shop.options("out");
  options.inputs = "haar";
  const auto report = shop.run(options);
  REQUIRE(report.has_value());
  fs::create_directories(shop.dir / "wide");
  const auto dark = [](std::size_t) { return 0; };
  test::write_bytes(shop.dir / "wide/t10k-images-idx3-ubyte", test::idx_bytes({5, 4, 16}, dark));
  test::write_bytes(shop.dir / "wide/t10k-labels-idx1-ubyte", test::idx_bytes({5}, dark));
  EvalOptions eval;
  eval.model = report->model_path;
  eval.data = (shop.dir / "wide").string();
  const auto refused = evaluate(eval, shop.world.context);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::kInput);
  CHECK(mentions(refused.error().message, "wants images of 8x8"));
  CHECK(mentions(refused.error().message, "4x16"));
}

}  // namespace marvel::compress
