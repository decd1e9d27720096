#include "compress/summary.hpp"

#include "compress/recipe.hpp"

#include <utility>

namespace marvel::compress {
namespace {

// Dense networks of the warm-up, and those that still had units to lose, are not what is compared:
// they do better because they are larger.
void add_best_epoch(TrainReport* report) {
  const EpochRecord* best = nullptr;
  for (const auto& record : report->epochs) {
    const bool comparable =
        record.units == report->architecture && record.phase != phase_name(Phase::kWarmUp);
    if (comparable && record.validation_error_percent >= 0 &&
        (best == nullptr || record.validation_error_percent < best->validation_error_percent)) {
      best = &record;
    }
  }
  if (best != nullptr) {
    report->best_epoch = best->epoch;
    report->best_test_error_percent = best->test_error_percent;
  }
}

}  // namespace

void add_epochs(std::vector<EpochRecord> epochs, TrainReport* report) {
  report->epochs = std::move(epochs);
  if (report->epochs.empty()) {
    return;
  }
  report->test_error_percent = report->epochs.back().test_error_percent;
  report->validation_error_percent = report->epochs.back().validation_error_percent;
  for (const auto& record : report->epochs) {
    report->memory.seed_sum_bytes += record.memory_bytes;
    report->seconds_training += record.seconds;
  }
  report->memory.mean_epoch_bytes = static_cast<double>(report->memory.seed_sum_bytes) /
                                    static_cast<double>(report->epochs.size());
  add_best_epoch(report);
}

}  // namespace marvel::compress
