#include "cli/fedl_report.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

federate::ServerReport a_run() {
  federate::ServerReport report;
  report.status = "done";
  report.run = "cafe";
  report.strategy = "fedavg";
  report.rounds = 2;
  for (std::uint64_t number = 1; number <= 2; ++number) {
    federate::RoundReport round;
    round.round = number;
    round.parameters = 266610;
    for (const char* client : {"edge-1", "<b>"}) {
      federate::ClientReport row;
      row.client = client;
      row.loss = 0.5 / static_cast<double>(number);
      round.clients.push_back(row);
      round.evaluations.push_back({client, 10, 0.3, 0.9});
    }
    report.reports.push_back(std::move(round));
  }
  return report;
}

}  // namespace

TEST_CASE("a run's page has a line per client, and no figure of what nobody measured") {
  const std::string page = fedl_html(a_run());
  CHECK(has(page, "edge-1"));
  CHECK(has(page, "Training"));
  CHECK(has(page, "own test data."));
  CHECK_FALSE(has(page, "Training error"));
  CHECK_FALSE(has(page, "Validation error"));
  CHECK(has(page, "Model size"));
  CHECK_FALSE(has(page, "server&#39;s data"));
  CHECK_FALSE(has(page, "Error of the new model.<"));
  auto measured = a_run();
  measured.reports[1].central = federate::EvaluationReport{0, 100, 0.2, 0.95};
  CHECK(has(fedl_html(measured), "Error of the new model.<"));
}

TEST_CASE("clients that keep samples back have figures of training, validation and test error") {
  auto report = a_run();
  for (auto& round : report.reports) {
    for (auto& row : round.clients) {
      row.accuracy = 0.95;
      row.validation_accuracy = 0.9;
    }
  }
  const std::string page = fedl_html(report);
  for (const char* figure : {"Training error", "Validation error", "Test error", "Model size"}) {
    CAPTURE(figure);
    CHECK(has(page, figure));
  }
}

TEST_CASE("names of clients are text in a page, never markup") {
  const std::string page = fedl_html(a_run());
  CHECK_FALSE(has(page, "><b><"));
  CHECK(has(page, "&lt;b&gt;"));
}

TEST_CASE("a run without rounds has a page, too") {
  CHECK(has(fedl_html({}), "<html"));
}

}  // namespace marvel::cli
