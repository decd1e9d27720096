#include "federate/client/size_report.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace marvel::federate {

std::optional<double> change_size(const Model& trained, const Model& global) {
  if (trained.size() != global.size()) {
    return std::nullopt;
  }
  double sum = 0;
  for (std::size_t t = 0; t < global.size(); ++t) {
    if (trained[t].shape != global[t].shape) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < global[t].size(); ++i) {
      const double change = trained[t].at(i) - global[t].at(i);
      sum += change * change;
    }
  }
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, model_elements(global))));
}

bool wants_size(const wire::Config& config) {
  const auto found = config.find(kReportSetting);
  return found != config.end() && found->second == wire::Scalar(std::string("norm"));
}

wire::FitResult size_report(const wire::FitResult& update) {
  wire::FitResult report;
  report.outcome = update.outcome;
  report.num_examples = update.num_examples;
  report.metrics = update.metrics;
  return report;
}

}  // namespace marvel::federate
