#include "federate/server/round_reading.hpp"

#include "federate/server/privacy_json.hpp"
#include "federate/server/whole_number.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using Json = nlohmann::ordered_json;

std::chrono::milliseconds milliseconds_of(const Json& seconds) {
  constexpr double kMost = 1e12;
  const auto value = seconds.get<double>();
  const bool possible = value >= 0 && value <= kMost;
  return std::chrono::milliseconds(possible ? std::llround(1000 * value) : 0);
}

// JSON has no other way to say NaN or infinity.
double number_of(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

std::optional<double> maybe(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? std::nullopt : std::optional(number_of(*found));
}

// Of a fate that this version does not know nothing is said.
Fate fate_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(Fate::kVoid); ++i) {
    if (fate_name(static_cast<Fate>(i)) == name) {
      return static_cast<Fate>(i);
    }
  }
  return Fate::kAsked;
}

ClientReport client_of(const Json& json) {
  ClientReport client;
  json.at("client").get_to(client.client);
  client.fate = fate_of(json.at("fate").get<std::string>());
  client.examples = whole_number(json.at("examples"));
  client.inclusion = number_of(json.at("inclusion_probability"));
  client.took = milliseconds_of(json.at("seconds"));
  client.loss = maybe(json, "loss");
  client.accuracy = maybe(json, "accuracy");
  client.validation_accuracy = maybe(json, "validation_accuracy");
  client.why = json.value("why", "");
  return client;
}

NusFactors factors_of(const Json& json) {
  NusFactors row;
  json.at("client").get_to(row.client);
  row.weight = number_of(json.at("weight"));
  row.norm = number_of(json.at("norm"));
  row.loss = number_of(json.at("loss"));
  row.variance = number_of(json.at("variance"));
  row.staleness = number_of(json.at("staleness"));
  row.rarity = number_of(json.at("rarity"));
  row.score = number_of(json.at("score"));
  row.probability = number_of(json.at("probability"));
  row.availability = number_of(json.at("availability"));
  row.response = number_of(json.at("response"));
  if (json.contains("draw")) {  // earlier versions had no such
    row.correction = number_of(json.at("correction"));
    row.since_merge = whole_number(json.at("since_merge"));
    row.draw = whole_number(json.at("draw"));
  }
  return row;
}

std::optional<EvaluationReport> evaluation_of(const Json& round, const char* key) {
  const auto found = round.find(key);
  if (found == round.end()) {
    return std::nullopt;
  }
  EvaluationReport evaluation;
  evaluation.clients = whole_number(found->at("clients"));
  evaluation.examples = whole_number(found->at("examples"));
  evaluation.loss = number_of(found->at("loss"));
  evaluation.accuracy = maybe(*found, "accuracy");
  return evaluation;
}

ClientEvaluation client_evaluation_of(const Json& json) {
  return {json.at("client").get<std::string>(), whole_number(json.at("examples")),
          number_of(json.at("loss")), maybe(json, "accuracy")};
}

// The rows of a list that may not be there.
template <class Row>
std::vector<Row> rows_of(const Json& round, const char* key, Row (*read)(const Json&)) {
  std::vector<Row> rows;
  if (const auto found = round.find(key); found != round.end()) {
    for (const auto& row : *found) {
      rows.push_back(read(row));
    }
  }
  return rows;
}

RoundReport round_of(const Json& json) {
  RoundReport report;
  report.round = whole_number(json.at("round"));
  report.carried = whole_number(json.at("carried"));
  report.took = milliseconds_of(json.at("seconds"));
  report.bytes_down = whole_number(json.at("bytes_down"));
  report.bytes_up = whole_number(json.at("bytes_up"));
  report.parameters = whole_number(json.at("parameters"));
  report.clients = rows_of(json, "clients", client_of);
  report.probed = json.contains("probed") ? whole_number(json.at("probed")) : 0;
  report.factors = rows_of(json, "nus", factors_of);
  report.evaluation = evaluation_of(json, "evaluation");
  report.evaluations = rows_of(json, "evaluations", client_evaluation_of);
  report.central = evaluation_of(json, "central_evaluation");
  if (json.contains("privacy")) {
    report.privacy = privacy_from(json.at("privacy"));
  }
  report.void_reason = json.value("void", "");
  return report;
}

}  // namespace

Result<RoundReport> read_round(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    if (json.at("schema") != "marvel.fedl.round/1") {
      return fail(Errc::kInput, "a round of another version of marvel");
    }
    return round_of(json);
  } catch (const nlohmann::json::exception& error) {
    return fail(Errc::kInput, fmt::format("a damaged round: {}", error.what()));
  }
}

}  // namespace marvel::federate
