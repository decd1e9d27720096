#include "compress/summary.hpp"

#include <utility>
#include <vector>

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

TEST_CASE("the best epoch is one of the network that is delivered, not of a larger one before it") {
  TrainReport report;
  report.architecture = {300, 50, 10};
  std::vector<EpochRecord> epochs{epoch(1, 0.5, 0.5), epoch(2, 1.0, 1.1), epoch(3, 2.0, 2.1),
                                  epoch(4, 2.5, 2.2), epoch(5, 2.6, 2.3)};
  for (auto& record : epochs) {
    record.units = report.architecture;
  }
  epochs[0].phase = "warm-up";  // as large as at the end, and yet another network
  epochs[1].units = {784, 300, 10};
  add_epochs(epochs, &report);
  CHECK(report.best_epoch == 3);
  CHECK(report.best_test_error_percent == 2.1);

  TrainReport folded_last;  // gates that were folded after the last epoch took more units with them
  folded_last.architecture = {290, 50, 10};
  add_epochs(std::move(epochs), &folded_last);
  CHECK(folded_last.best_epoch == 0);
  CHECK(folded_last.best_test_error_percent == -1);
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
