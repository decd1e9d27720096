#include "compress/deliver.hpp"

#include "base/file.hpp"
#include "base/version.hpp"
#include "compress/latency.hpp"
#include "compress/run_folder.hpp"
#include "model/evaluate.hpp"
#include "model/script_model.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

constexpr int64_t kCompareRows = 1000;  // images at a time

// The first word after "BLAS_INFO=" in LibTorch's build description.
std::string blas_name() {
  const std::string config = at::show_config();
  constexpr std::string_view kKey = "BLAS_INFO=";
  const auto at = config.find(kKey);
  if (at == std::string::npos) {
    return "unknown";
  }
  const auto begin = at + kKey.size();
  return config.substr(begin, config.find_first_of(", \n", begin) - begin);
}

model::InputForm input_form(const Delivery& delivery) {
  return {delivery.recipe.inputs, delivery.data.test.rows, delivery.data.test.columns};
}

// Largest difference between the saved file's outputs and the masked full-size network's. Both
// compute in double precision on the same float32 weights: in single precision the order of
// summation alone moves logits of size 30 by more than the tolerance.
Result<double> largest_difference(model::ScriptModel& saved, const Delivery& delivery) {
  const torch::NoGradGuard no_grad;
  const auto masked = model::masked_network(delivery.net, delivery.recipe.layers);
  const auto& set = delivery.data.test;
  const auto count = static_cast<int64_t>(set.size());
  saved.to_double();
  double largest = 0;
  for (int64_t begin = 0; begin < count; begin += kCompareRows) {
    const auto rows = std::min(kCompareRows, count - begin);
    const auto images = model::input_rows(set, begin, rows, model::InputBasis::kPixels);
    MARVEL_TRY(const auto shrunk, saved.predict(images));
    auto x = model::input_rows(set, begin, rows, delivery.recipe.inputs);
    for (std::size_t l = 0; l < masked.layers.size(); ++l) {
      const auto& layer = masked.layers[l];
      x = torch::addmm(layer.bias.average.to(torch::kFloat64), x,
                       layer.weight.average.to(torch::kFloat64));
      if (l + 1 < masked.layers.size()) {
        x.relu_();
      }
    }
    const double difference = (x - shrunk).abs().max().item<double>();
    if (std::isnan(difference)) {
      return difference;  // which no other one would take the place of
    }
    largest = std::max(largest, difference);
  }
  return largest;
}

// The dense network saved and timed the same way, for the comparison.
Status measure_dense(const Delivery& delivery, TrainReport* report) {
  const auto dense = model::masked_network(delivery.net, delivery.recipe.layers);
  const auto path = delivery.out / kDenseFile;
  MARVEL_TRY(const auto bytes, model::encode_script_model(dense, "{}", input_form(delivery)));
  report->model_bytes_dense = bytes.size();
  MARVEL_TRY_STATUS(write_file_atomically(path, bytes));
  auto loaded = model::ScriptModel::load(path);
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  if (!loaded) {
    return fail(loaded.error());
  }
  MARVEL_TRY(const auto latency,
             measure_latency(*loaded, model::image_rows(delivery.data.test, 0, 1)));
  report->latency_dense_us = latency.p50_us;
  return {};
}

std::vector<std::vector<std::int32_t>> kept_units(const model::GatedMlp& net) {
  std::vector<std::vector<std::int32_t>> kept;
  for (const auto& layer : net.layers) {
    kept.push_back(layer.inputs);
  }
  return kept;
}

}  // namespace

void describe_build(TrainReport* report) {
  report->libtorch = TORCH_VERSION;
  report->blas = blas_name();
  report->marvel = version_text();
}

std::string describe_model(const Delivery& delivery, const TrainReport& report) {
  nlohmann::ordered_json settings;
  for (const auto& [name, value] : report.settings) {
    settings[name] = value;
  }
  const nlohmann::ordered_json description = {
      {"schema", "marvel.compress.model/1"},
      {"model", report.model},
      {"architecture", report.architecture},
      {"architecture_dense", report.architecture_dense},
      {"parameters", report.parameters},
      {"parameters_dense", report.parameters_dense},
      {"macs", report.macs},
      {"macs_inputs", report.macs_inputs},
      {"macs_dense", report.macs_dense},
      {"input",
       {{"rows", delivery.data.test.rows},
        {"columns", delivery.data.test.columns},
        {"scale", "pixel / 255"},
        {"basis", inputs_name(delivery.recipe.inputs)}}},
      {"kept_units", kept_units(delivery.net)},
      {"provenance",
       {{"marvel", report.marvel},
        {"libtorch", report.libtorch},
        {"data", report.data},
        {"method", report.method},
        {"test_error_percent", report.test_error_percent},
        {"validation_error_percent", report.validation_error_percent},
        {"settings", settings}}}};
  // A folder of data may have a name that is no UTF-8.
  return description.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Status deliver(const Delivery& delivery, TrainReport* report) {
  const auto path = delivery.out / kModelFile;
  MARVEL_TRY(const auto bytes,
             model::encode_script_model(delivery.net, describe_model(delivery, *report),
                                        input_form(delivery)));
  MARVEL_TRY_STATUS(write_file_atomically(path, bytes));
  report->model_path = path.string();
  report->model_bytes = bytes.size();
  MARVEL_TRY(auto saved, model::ScriptModel::load(path));
  MARVEL_TRY(const auto latency,
             measure_latency(saved, model::image_rows(delivery.data.test, 0, 1)));
  report->latency_us = latency.p50_us;
  MARVEL_TRY(report->equality_max_difference, largest_difference(saved, delivery));
  MARVEL_TRY_STATUS(measure_dense(delivery, report));
  if (!(report->equality_max_difference <= kEqualityTolerance)) {
    return fail(Errc::kInternal,
                fmt::format("masked and shrunk network differ by {:.3g}, more than {:.0g}",
                            report->equality_max_difference, kEqualityTolerance));
  }
  return {};
}

}  // namespace marvel::compress
