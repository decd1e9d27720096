#include "cli/fedl_view.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {

TEST_CASE("a server's rounds are a table, with dashes where nothing was measured") {
  federate::ServerReport report;
  report.status = "done";
  report.rounds = 2;
  report.parameters = 4;
  report.model_path = "run1/model.npz";
  federate::RoundReport round;
  round.round = 1;
  round.clients.resize(2);
  round.clients[0].fate = federate::Fate::kMerged;
  round.took = std::chrono::milliseconds(1500);
  round.bytes_down = 2'000'000;
  report.reports.push_back(round);
  round.round = 2;
  round.evaluation = federate::EvaluationReport{2, 20, 0.25, 0.9};
  report.reports.push_back(round);
  CHECK(fedl_server_table(report) ==
        "round  merged  asked    loss  accuracy  MB down  MB up     s\n"
        "------------------------------------------------------------\n"
        "1           1      2       -         -     2.00   0.00  1.50\n"
        "2           1      2  0.2500   90.00 %     2.00   0.00  1.50\n"
        "done: 2 rounds, 4 parameters\n"
        "model: run1/model.npz\n");
  report.script_path = "run1/model.pt";
  CHECK(fedl_server_table(report).ends_with(
      "model: run1/model.npz\nmodel for compress and PyTorch: run1/model.pt\n"));
}

TEST_CASE("what the server has measured stands before what clients tell") {
  federate::ServerReport report;
  federate::RoundReport round;
  round.round = 1;
  round.central = federate::EvaluationReport{0, 100, 0.5, 0.75};
  report.reports.push_back(round);
  round.round = 2;
  round.evaluation = federate::EvaluationReport{2, 20, 0.25, 0.9};
  report.reports.push_back(round);
  const auto table = fedl_server_table(report);
  CHECK(table.find("1           0      0  0.5000   75.00 %") != std::string::npos);
  CHECK(table.find("2           0      0  0.5000   75.00 %") != std::string::npos);
}

TEST_CASE("a private run ends with its epsilon and delta") {
  federate::ServerReport report;
  report.status = "done";
  report.privacy.emplace();
  report.privacy->epsilon = 2.3456;
  report.privacy->delta = 1e-5;
  CHECK(fedl_server_table(report).ends_with("\nepsilon 2.35 for delta 1e-05\n"));
}

TEST_CASE("a client's end is one line") {
  CHECK(fedl_client_table({"done", "edge-1", "1.x", {3, 1, 3, 2}, 1.5}) ==
        "done: client edge-1 trained 3 rounds, evaluated 3, resent 1, reconnected 2\n");
}

}  // namespace marvel::cli
