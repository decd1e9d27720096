#include "federate/server/round_arithmetic.hpp"

#include "federate/client/size_report.hpp"

#include <cmath>

namespace marvel::federate {

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
