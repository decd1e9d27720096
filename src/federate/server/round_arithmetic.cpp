#include "federate/server/round_arithmetic.hpp"

#include "federate/client/size_report.hpp"

#include <cmath>
#include <limits>
#include <variant>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

bool is_odd(const wire::Config& metrics, const char* name, double least, double most) {
  const auto found = metrics.find(name);
  const auto* value = found == metrics.end() ? nullptr : std::get_if<double>(&found->second);
  if (value == nullptr) {
    return false;
  }
  const bool fits = *value >= least && *value <= most;  // which no NaN does
  return !fits;
}

}  // namespace

std::size_t share_of(std::size_t count, double share) {
  return static_cast<std::size_t>(std::ceil(static_cast<double>(count) * share - 1e-9));
}

std::optional<double> real_metric(const wire::Config& metrics, const char* name) {
  const auto found = metrics.find(name);
  if (found == metrics.end()) {
    return std::nullopt;
  }
  const auto* value = std::get_if<double>(&found->second);
  return value != nullptr && std::isfinite(*value) ? std::optional(*value) : std::nullopt;
}

std::optional<double> share_metric(const wire::Config& metrics, const char* name) {
  const auto value = real_metric(metrics, name);
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

Status check_examples(std::int64_t examples) {
  constexpr std::int64_t kMost = 1'000'000'000'000'000;
  if (examples < 0 || examples > kMost) {
    return fail(Errc::kInput, fmt::format("it counts {} examples", examples));
  }
  return {};
}

Status check_evaluation(const wire::EvaluateResult& result) {
  MARVEL_TRY_STATUS(check_examples(result.num_examples));
  if (!std::isfinite(result.loss)) {
    return fail(Errc::kInput, "its loss is no finite number");
  }
  if (is_odd(result.metrics, "accuracy", 0, 1)) {
    return fail(Errc::kInput, "its accuracy is not in [0, 1]");
  }
  return {};
}

std::vector<std::string> odd_metrics(const wire::Config& metrics) {
  constexpr double kMost = std::numeric_limits<double>::max();
  std::vector<std::string> odd;
  for (const char* share : {"accuracy", "validation_accuracy"}) {
    if (is_odd(metrics, share, 0, 1)) {
      odd.emplace_back(share);
    }
  }
  for (const char* number : {"loss", "grad_var"}) {
    if (is_odd(metrics, number, -kMost, kMost)) {
      odd.emplace_back(number);
    }
  }
  return odd;
}

std::size_t parameter_bytes(const wire::Parameters& parameters) {
  std::size_t bytes = 0;
  for (const auto& tensor : parameters.tensors) {
    bytes += tensor.size();
  }
  return bytes;
}

bool tells_size(const wire::FitResult& result) {
  return result.parameters.tensors.empty() && result.metrics.contains(kNormMetric);
}

}  // namespace marvel::federate
