#include "federate/server/round_reading.hpp"

#include "federate/server/report_json.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

RoundReport full_round() {
  RoundReport report;
  report.round = 3;
  report.took = std::chrono::milliseconds(1503);
  report.bytes_down = 10;
  report.bytes_up = 20;
  report.parameters = 30;
  report.carried = 1;
  report.probed = 4;
  report.clients = {
      {"a", Fate::kMerged, 10, 0.5, std::chrono::milliseconds(7), 0.75, "", 0.5, 0.25},
      {"b", Fate::kVoid, 0, 1, {}, std::nullopt, "why", {}, {}}};
  report.factors = {{"a", 0.5, 1, 2, 3, 4, 5, 60, 0.25, 0.75, 0.125, 8, 9, 2}};
  report.evaluation = EvaluationReport{2, 20, 0.25, 0.9};
  report.evaluations = {{"a", 12, 0.25, 0.9}, {"b", 8, 0.5, {}}};
  report.central = EvaluationReport{0, 100, 0.5, {}};
  report.privacy = PrivacyReport{PrivacyMode::kClient, 2.5, 1e-5, 1, 1.5, 0.5, {{0.5, 1.5, 3}}};
  report.void_reason = "nobody came";
  return report;
}

}  // namespace

TEST_CASE("a round is read back with all that was written of it") {
  for (const RoundReport& report : {full_round(), RoundReport()}) {
    const std::string line = round_json(report);
    const auto back = read_round(line);
    REQUIRE(back.has_value());
    CHECK(round_json(*back) == line);
  }
}

TEST_CASE("numbers that JSON does not know are read as none") {
  auto report = full_round();
  report.factors[0].score = std::numeric_limits<double>::infinity();
  const auto back = read_round(round_json(report));
  REQUIRE(back.has_value());
  CHECK(back->factors[0].norm == 1);
  CHECK_FALSE(back->factors[0].score == report.factors[0].score);
}

TEST_CASE("rounds of versions that told less of their draws are read") {
  std::string line = round_json(full_round());
  const std::string later = R"(,"correction":8.0,"since_merge":9,"draw":2)";
  const auto at = line.find(later);
  REQUIRE(at != std::string::npos);
  line.erase(at, later.size());
  const auto back = read_round(line);
  REQUIRE(back.has_value());
  CHECK(back->factors[0].response == 0.125);
  CHECK(back->factors[0].draw == 1);
}

TEST_CASE("what is no round is refused") {
  const std::string line = round_json(full_round());
  for (std::size_t length = 0; length < line.size(); length += 7) {
    CHECK(read_round(line.substr(0, length)).error().code == Errc::kInput);
  }
  for (const char* other : {"{}", "[1]", R"({"schema": "marvel.fedl.round/2"})",
                            R"({"schema": "marvel.fedl.round/1", "round": -1})"}) {
    CHECK_FALSE(read_round(other).has_value());
  }
}

}  // namespace marvel::federate
