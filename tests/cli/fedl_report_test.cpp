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

TEST_CASE("a page that cannot draw all clients says how many it draws") {
  CHECK_FALSE(has(fedl_html(a_run()), "clients by name"));
  auto report = a_run();
  for (int i = 0; i < 40; ++i) {
    federate::ClientReport row;
    row.client = "c" + std::to_string(i);
    row.loss = 0.5;
    report.reports[0].clients.push_back(row);
  }
  CHECK(
      has(fedl_html(report), "The first 12 of 42 clients by name; the data in this page has all."));
}

TEST_CASE("a private run's page shows epsilon and delta") {
  auto report = a_run();
  report.privacy.emplace();
  report.privacy->epsilon = 2.3456;
  report.privacy->delta = 1e-5;
  report.reports[1].privacy = report.privacy;
  std::string page = fedl_html(report);
  page.resize(page.find("<script"));  // what is seen
  CHECK(has(page, "epsilon for delta 1e-05"));
  CHECK(has(page, "2.35"));
  CHECK(has(page, "Epsilon of all rounds so far, for delta 1e-05."));
}

TEST_CASE("a run without rounds has a page, too") {
  CHECK(has(fedl_html({}), "<html"));
}

}  // namespace marvel::cli
