#include "federate/server/report_json.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

RoundReport a_round() {
  RoundReport report;
  report.round = 3;
  report.took = std::chrono::milliseconds(1500);
  report.clients = {
      {"a", Fate::kMerged, 10, 0.5, {}, 0.75, "", 0.5, 0.25},
      {"b\xff", Fate::kRefused, 0, 1, {}, std::nullopt, "tensor 0 has shape ()", {}, {}}};
  report.evaluation = EvaluationReport{2, 20, 0.25, 0.9};
  return report;
}

}  // namespace

TEST_CASE("a round is one line of JSON, whatever bytes a client's name has") {
  const std::string line = round_json(a_round());
  CHECK(line.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(line);
  CHECK(json.at("schema") == "marvel.fedl.round/1");
  CHECK(json.at("merged") == 1);
  CHECK(json.at("clients").at(0).at("loss") == 0.75);
  CHECK(json.at("clients").at(0).at("validation_accuracy") == 0.25);
  CHECK(json.at("clients").at(1).at("why") == "tensor 0 has shape ()");
  CHECK(json.at("evaluation").at("accuracy") == 0.9);
}

TEST_CASE("a round is one line for people") {
  CHECK(round_line(a_round()) ==
        "round 3: 1 of 2 clients merged, 1 refused, loss 0.25, accuracy 90.00 %, 1.5 s");
}

TEST_CASE("the server's answer holds its rounds") {
  ServerReport report;
  report.status = "done";
  report.reports = {a_round()};
  const auto json = nlohmann::json::parse(server_json(report));
  CHECK(json.at("schema") == "marvel.fedl.server/1");
  CHECK(json.at("rounds").at(0).at("round") == 3);
}

}  // namespace marvel::federate
