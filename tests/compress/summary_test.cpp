#include "compress/summary.hpp"

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

EpochRecord epoch(int number, double validation, double test) {
  EpochRecord record;
  record.epoch = number;
  record.validation_error_percent = validation;
  record.test_error_percent = test;
  record.memory_bytes = 100U * static_cast<std::uint64_t>(number);
  record.seconds = 0.5;
  return record;
}

}  // namespace

TEST_CASE("a report ends with the last epoch's errors, and names the best epoch by validation") {
  TrainReport report;
  add_epochs({epoch(1, 3.0, 3.5), epoch(2, 2.0, 2.9), epoch(3, 2.0, 2.1), epoch(4, 2.5, 2.2)},
             &report);
  CHECK(report.test_error_percent == 2.2);
  CHECK(report.validation_error_percent == 2.5);
  CHECK(report.best_epoch == 2);  // the first of two equal ones
  CHECK(report.best_test_error_percent == 2.9);
}

TEST_CASE("the seed's memory sum is that of all epochs, the mean that of one") {
  TrainReport report;
  add_epochs({epoch(1, 3.0, 3.0), epoch(2, 3.0, 3.0), epoch(3, 3.0, 3.0)}, &report);
  CHECK(report.memory.seed_sum_bytes == 600);
  CHECK(report.memory.mean_epoch_bytes == 200.0);
  CHECK(report.seconds_training == 1.5);
}

TEST_CASE("without validation there is no best epoch") {
  TrainReport report;
  add_epochs({epoch(1, -1, 3.0), epoch(2, -1, 2.0)}, &report);
  CHECK(report.best_epoch == 0);
  CHECK(report.best_test_error_percent == -1);
  CHECK(report.test_error_percent == 2.0);
}

TEST_CASE("a run that was stopped before its first epoch ended has nothing measured") {
  TrainReport report;
  add_epochs({}, &report);
  CHECK(report.epochs.empty());
  CHECK(report.test_error_percent == -1);
  CHECK(report.memory.mean_epoch_bytes == 0);
}

}  // namespace marvel::compress
