#include "cli/compress_view.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

compress::TrainReport finished_run() {
  compress::TrainReport report;
  report.status = "finished";
  report.model = "mlp";
  report.data = "mnist";
  report.method = "dynhp";
  report.architecture_dense = {784, 300, 100, 10};
  report.architecture = {200, 50, 20, 10};
  report.parameters_dense = 266610;
  report.parameters = 11280;
  report.reduction_percent = 95.8;
  report.macs_dense = 266200;
  report.macs = 11200;
  report.model_bytes_dense = 1'070'000;
  report.model_bytes = 50'000;
  report.latency_dense_us = 90;
  report.latency_us = 15;
  report.dense_test_error_percent = 1.10;
  report.test_error_percent = 1.32;
  report.equality_max_difference = 2e-14;
  report.model_path = "run1/model.pt";
  for (int epoch = 1; epoch <= 3; ++epoch) {
    compress::EpochRecord record;
    record.epoch = epoch;
    record.phase = epoch < 3 ? "prune" : "fine-tune";
    record.loss = 1.0 / epoch;
    record.test_error_percent = 5.0 / epoch;
    record.batch_size = 100 * epoch;
    record.units = {784 - 100 * epoch, 300, 100, 10};
    record.parameters = 266610;
    record.memory_bytes = 1'500'000;
    record.seconds = 0.5;
    report.epochs.push_back(record);
  }
  return report;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the table sets dense beside compressed") {
  const std::string table = train_table(finished_run());
  CHECK(has(table, "784-300-100-10"));
  CHECK(has(table, "200-50-20-10"));
  CHECK(has(table, "+0.22 points"));
  CHECK(has(table, "6.0x faster"));
  CHECK(has(table, "23.8x fewer"));
  CHECK(has(table, "run1/model.pt"));
  CHECK_FALSE(has(table, "\x1b"));
}

TEST_CASE("what makes the inputs is said beside the layers' MACs, and counts") {
  auto report = finished_run();
  report.macs_inputs = 12544;
  CHECK(has(train_table(report), "11,200 + 12,544"));
  CHECK(has(train_table(report), "11.7x fewer"));
  CHECK(has(train_html(report), "11,200 + 12,544"));
  compress::EvalReport eval;
  eval.macs = 11200;
  CHECK_FALSE(has(eval_table(eval), "+"));
  eval.macs_inputs = 12544;
  CHECK(has(eval_table(eval), "11,200 + 12,544"));
}

TEST_CASE("an interrupted run has no model to speak of") {
  auto report = finished_run();
  report.status = "interrupted";
  report.model_bytes = 0;
  report.model_path.clear();
  report.dense_test_error_percent = -1;
  const std::string table = train_table(report);
  CHECK_FALSE(has(table, "model file"));
  CHECK_FALSE(has(table, "points"));
}

TEST_CASE("the page stands alone: no script, no network, its data inside") {
  const std::string page = train_html(finished_run());
  CHECK(has(page, "<!doctype html>"));
  CHECK(has(page, "<svg"));
  CHECK(has(page, "marvel.compress.report/1"));
  CHECK_FALSE(has(page, "src="));
  CHECK_FALSE(has(page, "<link"));
  CHECK_FALSE(has(page, "@import"));
}

TEST_CASE("names from outside are text in the page, never markup") {
  auto report = finished_run();
  report.data = "<script>alert(1)</script>";
  const std::string page = train_html(report);
  CHECK_FALSE(has(page, "<script>alert"));
}

TEST_CASE("the table of an evaluation names what was measured") {
  compress::EvalReport report;
  report.data = "mnist";
  report.test_error_percent = 1.5;
  report.samples = 10000;
  report.architecture = {20, 10};
  const std::string table = eval_table(report);
  CHECK(has(table, "1.50 %"));
  CHECK(has(table, "20-10"));
}

}  // namespace marvel::cli
