#include "base/random.hpp"
#include "compress/report.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

TrainReport sample() {
  TrainReport report;
  report.status = "finished";
  report.model = "mlp";
  report.data = "mnist";
  report.method = "dynhp";
  report.architecture_dense = {784, 300, 100, 10};
  report.architecture = {255, 134, 62, 10};
  report.parameters_dense = 266'610;
  report.parameters = 43'304;
  report.reduction_percent = 83.757548;
  report.test_error_percent = 1.01;
  report.equality_max_difference = 1.5987211554602254e-14;
  report.memory = {12'345'678'901, 894'976.0 / 3.0, 382'476'288};
  report.settings = {{"seed", "1"}, {"lr", "0.001"}};
  report.epochs.resize(2);
  report.epochs[1].epoch = 2;
  report.epochs[1].phase = "prune";
  report.epochs[1].loss = 0.1 + 0.2;
  report.epochs[1].validation_error_percent = 1.16;
  report.epochs[1].units = {784, 300, 100, 10};
  return report;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Finite doubles of every size, drawn by their bits.
double any_double(CounterRng& random) {
  double value = 0;
  do {
    const std::uint64_t bits = random.next();
    std::memcpy(&value, &bits, sizeof value);
  } while (!std::isfinite(value));
  return value;
}

std::string any_text(CounterRng& random) {
  std::string text;
  for (std::uint32_t left = random.below(20); left > 0; --left) {
    text += static_cast<char>(random.below(128));  // quotes and control characters included
  }
  return text;
}

EpochRecord any_epoch(CounterRng& random) {
  EpochRecord epoch;
  epoch.epoch = static_cast<int>(random.below(1U << 31U));
  epoch.phase = any_text(random);
  epoch.loss = any_double(random);
  epoch.regularizer = any_double(random);
  epoch.test_error_percent = random.below(2) == 0 ? -1 : std::abs(any_double(random));
  epoch.units.assign(random.below(5), static_cast<int>(random.below(1000)));
  epoch.parameters = random.next();
  epoch.memory_bytes = random.next();
  epoch.variance_ratio = any_double(random);
  epoch.seconds = any_double(random);
  return epoch;
}

TrainReport any_report(CounterRng& random) {
  TrainReport report;
  report.status = any_text(random);
  report.data = any_text(random);
  report.architecture.assign(random.below(6), static_cast<int>(random.below(1000)));
  report.parameters = random.next();
  report.reduction_percent = any_double(random);
  report.latency_us = any_double(random);
  report.test_error_percent = random.below(2) == 0 ? -1 : std::abs(any_double(random));
  report.memory = {random.next(), any_double(random), random.next()};
  for (std::uint32_t left = random.below(4); left > 0; --left) {
    report.settings.emplace_back(std::to_string(left) + any_text(random), any_text(random));
    report.epochs.push_back(any_epoch(random));
  }
  return report;
}

void check_equal(const EpochRecord& a, const EpochRecord& b) {
  CHECK(a.epoch == b.epoch);
  CHECK(a.phase == b.phase);
  CHECK(a.loss == b.loss);
  CHECK(a.regularizer == b.regularizer);
  CHECK(a.test_error_percent == b.test_error_percent);
  CHECK(a.units == b.units);
  CHECK(a.parameters == b.parameters);
  CHECK(a.memory_bytes == b.memory_bytes);
  CHECK(a.variance_ratio == b.variance_ratio);
  CHECK(a.seconds == b.seconds);
}

void check_equal(const TrainReport& a, const TrainReport& b) {
  CHECK(a.status == b.status);
  CHECK(a.data == b.data);
  CHECK(a.architecture == b.architecture);
  CHECK(a.parameters == b.parameters);
  CHECK(a.reduction_percent == b.reduction_percent);
  CHECK(a.latency_us == b.latency_us);
  CHECK(a.test_error_percent == b.test_error_percent);
  CHECK(a.memory.seed_sum_bytes == b.memory.seed_sum_bytes);
  CHECK(a.memory.mean_epoch_bytes == b.memory.mean_epoch_bytes);
  CHECK(a.settings == b.settings);
  REQUIRE(a.epochs.size() == b.epochs.size());
  for (std::size_t i = 0; i < a.epochs.size(); ++i) {
    check_equal(a.epochs[i], b.epochs[i]);
  }
}

// What reading says after one change to a good document.
template <class Change>
std::string complaint(const Change& change) {
  auto json = nlohmann::json::parse(to_json(sample()));
  change(json);
  const auto report = train_report_from_json(json.dump());
  if (report) {
    return {};
  }
  CHECK(report.error().code == Errc::kInput);
  return report.error().message;
}

}  // namespace

TEST_CASE("whatever a report holds comes back equal") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    CounterRng random(stream_key(seed, 1));
    const TrainReport report = any_report(random);
    const auto back = train_report_from_json(to_json(report));
    REQUIRE(back.has_value());
    check_equal(*back, report);
    const auto epochs = epochs_from_json(epochs_to_json(report.epochs));
    REQUIRE(epochs.has_value());
    CHECK(epochs_to_json(*epochs) == epochs_to_json(report.epochs));
  }
}

TEST_CASE("a report comes back equal, to the last bit of its numbers") {
  const TrainReport report = sample();
  const auto back = train_report_from_json(to_json(report));
  REQUIRE(back.has_value());
  CHECK(to_json(*back) == to_json(report));
  CHECK(back->equality_max_difference == report.equality_max_difference);
  CHECK(back->memory.mean_epoch_bytes == report.memory.mean_epoch_bytes);
  CHECK(back->epochs[1].loss == report.epochs[1].loss);
  CHECK(back->settings == report.settings);
}

TEST_CASE("what was not measured is null, and NaN never reaches the file") {
  TrainReport report = sample();
  report.seconds_total = std::nan("");
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json.at("schema") == "marvel.compress.report/1");
  CHECK(json.at("validation_error_percent").is_null());
  CHECK(json.at("seconds_total").is_null());
  CHECK(json.at("memory").at("peak_rss_bytes") == 382'476'288);
  CHECK(json.at("epochs").at(1).at("units").at(0) == 784);
}

TEST_CASE("every prefix of a report is refused") {
  const std::string text = to_json(sample());
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK(train_report_from_json(text.substr(0, length)).error().code == Errc::kInput);
  }
}

TEST_CASE("every prefix of an epoch history is refused") {
  const std::string text = epochs_to_json(sample().epochs);
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK(epochs_from_json(text.substr(0, length)).error().code == Errc::kInput);
  }
}

TEST_CASE("a missing key is named, whichever it is") {
  const auto json = nlohmann::json::parse(to_json(sample()));
  for (const auto& item : json.items()) {
    const std::string key = item.key();
    CHECK(has(complaint([&](auto& changed) { changed.erase(key); }), key + " is missing"));
  }
}

TEST_CASE("a key of the wrong type is named with its place") {
  using Json = nlohmann::json;
  CHECK(has(complaint([](Json& j) { j["architecture"] = "wide"; }), "architecture is not a list"));
  CHECK(has(complaint([](Json& j) { j["architecture"][1] = 2.5; }), "architecture[1] is not"));
  CHECK(has(complaint([](Json& j) { j["parameters"] = -1; }), "parameters is not a whole number"));
  CHECK(has(complaint([](Json& j) { j["threads"] = 1LL << 31; }), "threads is not"));
  CHECK(has(complaint([](Json& j) { j["loss_curve"] = j["seconds_total"] = true; }),
            "seconds_total is not a number"));
  CHECK(has(complaint([](Json& j) { j["memory"] = nullptr; }), "memory is not an object"));
  CHECK(has(complaint([](Json& j) { j["memory"].erase("peak_rss_bytes"); }),
            "memory.peak_rss_bytes is missing"));
  CHECK(has(complaint([](Json& j) { j["epochs"][1]["units"] = 3; }), "epochs[1].units is not"));
  CHECK(has(complaint([](Json& j) { j["epochs"] = j["epochs"][0]; }), "epochs is not a list"));
  CHECK(has(complaint([](Json& j) { j["test_error_percent"] = -3; }),
            "test_error_percent is below 0"));
  CHECK(has(complaint([](Json& j) { j["settings"]["lr"] = 0.1; }), "settings.lr is not a string"));
  CHECK(has(complaint([](Json& j) { j["schema"] = "other/1"; }), "marvel.compress.report/1"));
}

TEST_CASE("keys that a later version added are passed over") {
  CHECK(complaint([](nlohmann::json& json) { json["novelty"] = {1, 2}; }).empty());
}

TEST_CASE("a document that is no report is refused, however deep or large its numbers") {
  for (const std::string& text :
       {std::string("[]"), std::string("null"), std::string("1e999"), std::string(100'000, '[')}) {
    CHECK(train_report_from_json(text).error().code == Errc::kInput);
    CHECK((text == "[]" || epochs_from_json(text).error().code == Errc::kInput));
  }
}

TEST_CASE("keys stand in the documented order, settings in the given one") {
  const std::string text = to_json(sample());
  std::size_t at = 0;
  for (const char* key : {"schema", "status", "architecture_dense", "macs", "latency_us", "memory",
                          "blas", "settings", "\"seed\"", "\"lr\"", "epochs", "model_path"}) {
    CAPTURE(key);
    const auto found = text.find(key, at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
}

TEST_CASE("infinities become null") {
  TrainReport report = sample();
  report.latency_us = std::numeric_limits<double>::infinity();
  const auto back = train_report_from_json(to_json(report));
  REQUIRE(back.has_value());
  CHECK(std::isnan(back->latency_us));
}

TEST_CASE("invalid UTF-8 in a path does not break the document") {
  TrainReport report = sample();
  report.model_path = "bad\xff.pt";
  CHECK(nlohmann::json::accept(to_json(report)));
}

TEST_CASE("an evaluation names its schema") {
  EvalReport report;
  report.test_error_percent = 2.5;
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json.at("schema") == "marvel.compress.eval/1");
  CHECK(json.at("test_error_percent") == 2.5);
}

}  // namespace marvel::compress
