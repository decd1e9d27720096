#include "compress/eval.hpp"

#include "compress/description.hpp"
#include "compress/latency.hpp"
#include "compress/train.hpp"
#include "data/dataset.hpp"
#include "model/evaluate.hpp"
#include "model/script_model.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <omp.h>

namespace marvel::compress {
namespace {

constexpr int64_t kChunk = 1000;  // images per forward pass

class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(at::get_num_threads()) {
    omp_set_dynamic(0);  // OpenBLAS waits for every thread it asks for
    at::set_num_threads(threads);
  }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;
  ~ThreadCount() { at::set_num_threads(before_); }

 private:
  int before_;
};

Status check_image_size(const Description& description, const data::Dataset& data) {
  const int wanted = description.architecture_dense.front();
  const auto pixels = static_cast<int>(data.test.image_bytes());
  const auto& set = data.test;
  if (description.rows > 0 &&
      (description.rows != set.rows || description.columns != set.columns)) {
    return fail(
        Errc::kInput,
        fmt::format("the model wants images of {}x{}, but those of '{}' are {}x{}",
                    description.rows, description.columns, data.name, set.rows, set.columns));
  }
  if (wanted == pixels) {
    return {};
  }
  return fail(Errc::kInput, fmt::format("the model wants {} pixels, but the images of '{}' have {}",
                                        wanted, data.name, pixels));
}

tl::unexpected<Error> stopped() {
  return fail(Errc::kFailed, "stopped");
}

Result<double> test_error(model::ScriptModel& model, const data::ImageSet& set,
                          torch::Device device, const StopFlag& stop) {
  const auto count = static_cast<int64_t>(set.size());
  int64_t wrong = 0;
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    if (stop.raised()) {
      return stopped();
    }
    const int64_t rows = std::min(kChunk, count - begin);
    MARVEL_TRY(const auto logits, model.predict(model::image_rows(set, begin, rows).to(device)));
    auto* first = const_cast<std::uint8_t*>(set.labels.data()) + begin;
    const auto labels = torch::from_blob(first, {rows}, torch::kUInt8).to(torch::kInt64);
    wrong += logits.cpu().argmax(1).ne(labels).sum().item<int64_t>();
  }
  return 100.0 * static_cast<double>(wrong) / static_cast<double>(count);
}

double percentile(const std::vector<double>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(share * last)];
}

}  // namespace

Result<Latency> measure_latency(model::ScriptModel& model, const torch::Tensor& sample, int runs,
                                const StopFlag* stop) {
  using Clock = std::chrono::steady_clock;
  const ThreadCount one_thread(1);
  constexpr int kWarmUp = 50;
  std::vector<double> times;
  for (int i = 0; i < kWarmUp + runs; ++i) {
    if (stop != nullptr && stop->raised()) {
      return stopped();
    }
    const auto start = Clock::now();
    MARVEL_TRY(const auto logits, model.predict(sample));
    const auto time = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
    if (i >= kWarmUp && logits.defined()) {
      times.push_back(time);
    }
  }
  std::sort(times.begin(), times.end());
  return Latency{percentile(times, 0.5), percentile(times, 0.95)};
}

Result<EvalReport> evaluate(const EvalOptions& options, Context& context) {
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY_STATUS(model::check_threads(options.threads));
  MARVEL_TRY_STATUS(check_device(options.device));
  MARVEL_TRY(auto model, model::ScriptModel::load(options.model));
  MARVEL_TRY(const auto description, parse_description(model.description(), options.model));
  MARVEL_TRY(const auto data, data::load_test_set(options.data));
  MARVEL_TRY_STATUS(check_image_size(description, data));
  EvalReport report;
  report.model_path = options.model;
  report.data = data.name;
  report.samples = data.test.size();
  report.architecture = description.architecture;
  report.parameters = description.parameters;
  report.macs = description.macs;
  report.macs_inputs = description.macs_inputs;
  MARVEL_TRY_STATUS(data::check_labels(data.test, report.architecture.back(), "test"));
  std::error_code ignored;
  report.model_bytes = std::filesystem::file_size(options.model, ignored);
  const torch::Device device(options.device == Device::kCuda ? torch::kCUDA : torch::kCPU);
  model.to(device);
  const ThreadCount threads(std::max(1, options.threads));
  MARVEL_TRY(report.test_error_percent, test_error(model, data.test, device, context.stop));
  MARVEL_TRY(const auto latency,
             measure_latency(model, model::image_rows(data.test, 0, 1).to(device),
                             options.latency_runs, &context.stop));
  report.latency_p50_us = latency.p50_us;
  report.latency_p95_us = latency.p95_us;
  return report;
}

Result<ModelDescription> inspect(const std::string& model_path, Context& /*context*/) {
  MARVEL_TRY(const auto model, model::ScriptModel::load(model_path));
  MARVEL_TRY(const auto description, parse_description(model.description(), model_path));
  std::error_code ignored;
  return ModelDescription{model_path, std::filesystem::file_size(model_path, ignored),
                          description.json};
}

}  // namespace marvel::compress
