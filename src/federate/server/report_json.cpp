#include "federate/server/report_json.hpp"

#include "federate/server/privacy_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using Json = nlohmann::ordered_json;

double seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

Json client_json(const ClientReport& client) {
  Json json{{"client", client.client},
            {"fate", fate_name(client.fate)},
            {"examples", client.examples},
            {"inclusion_probability", client.inclusion},
            {"seconds", seconds(client.took)}};
  if (client.loss) {
    json["loss"] = *client.loss;
  }
  if (client.accuracy) {
    json["accuracy"] = *client.accuracy;
  }
  if (client.validation_accuracy) {
    json["validation_accuracy"] = *client.validation_accuracy;
  }
  if (!client.why.empty()) {
    json["why"] = client.why;
  }
  return json;
}

Json factors_json(const NusFactors& row) {
  return {{"client", row.client},
          {"weight", row.weight},
          {"norm", row.norm},
          {"loss", row.loss},
          {"variance", row.variance},
          {"staleness", row.staleness},
          {"rarity", row.rarity},
          {"score", row.score},
          {"probability", row.probability},
          {"availability", row.availability},
          {"response", row.response},
          {"correction", row.correction},
          {"since_merge", row.since_merge},
          {"draw", row.draw}};
}

Json evaluation_json(const EvaluationReport& evaluation) {
  Json json{{"clients", evaluation.clients},
            {"examples", evaluation.examples},
            {"loss", evaluation.loss}};
  if (evaluation.accuracy) {
    json["accuracy"] = *evaluation.accuracy;
  }
  return json;
}

Json evaluations_json(const std::vector<ClientEvaluation>& rows) {
  Json list = Json::array();
  for (const auto& row : rows) {
    list.push_back({{"client", row.client}, {"examples", row.examples}, {"loss", row.loss}});
    if (row.accuracy) {
      list.back()["accuracy"] = *row.accuracy;
    }
  }
  return list;
}

Json as_json(const RoundReport& report) {
  Json clients = Json::array();
  for (const auto& client : report.clients) {
    clients.push_back(client_json(client));
  }
  Json json{{"schema", "marvel.fedl.round/1"},       {"round", report.round},
            {"merged", report.count(Fate::kMerged)}, {"carried", report.carried},
            {"seconds", seconds(report.took)},       {"bytes_down", report.bytes_down},
            {"bytes_up", report.bytes_up},           {"parameters", report.parameters},
            {"clients", std::move(clients)}};
  if (report.probed > 0) {
    json["probed"] = report.probed;
  }
  if (!report.factors.empty()) {
    Json rows = Json::array();
    for (const auto& row : report.factors) {
      rows.push_back(factors_json(row));
    }
    json["nus"] = std::move(rows);
  }
  if (report.evaluation) {
    json["evaluation"] = evaluation_json(*report.evaluation);
    json["evaluations"] = evaluations_json(report.evaluations);
  }
  if (report.central) {
    json["central_evaluation"] = evaluation_json(*report.central);
  }
  if (report.privacy) {
    json["privacy"] = privacy_json(*report.privacy);
  }
  if (!report.void_reason.empty()) {
    json["void"] = report.void_reason;
  }
  return json;
}

// Clients choose their names and messages: bytes that are no UTF-8 become U+FFFD.
std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string round_json(const RoundReport& report) {
  return dump(as_json(report), -1);
}

std::string server_json(const ServerReport& report) {
  Json rounds = Json::array();
  for (const auto& round : report.reports) {
    rounds.push_back(as_json(round));
  }
  Json json{{"schema", "marvel.fedl.server/1"},
            {"status", report.status},
            {"run", report.run},
            {"strategy", report.strategy},
            {"rounds_done", report.rounds},
            {"stop_reason", report.stop_reason},
            {"parameters", report.parameters},
            {"model_path", report.model_path},
            {"script_path", report.script_path},
            {"seconds", report.seconds},
            {"rounds", std::move(rounds)}};
  if (report.privacy) {
    json["privacy"] = privacy_json(*report.privacy);
  }
  return dump(json, 1) + "\n";
}

std::string round_line(const RoundReport& report) {
  std::string line = fmt::format("round {}: {} of {} clients merged", report.round,
                                 report.count(Fate::kMerged), report.clients.size());
  for (const Fate fate :
       {Fate::kEmpty, Fate::kRefused, Fate::kGone, Fate::kLate, Fate::kReported, Fate::kVoid}) {
    if (const auto count = report.count(fate); count > 0) {
      line += fmt::format(", {} {}", count, fate_name(fate));
    }
  }
  if (report.carried > 0) {
    line += fmt::format(", {} carried", report.carried);
  }
  if (const auto& judged = report.central ? report.central : report.evaluation; judged) {
    line += fmt::format(", loss {:.4g}", judged->loss);
    if (judged->accuracy) {
      line += fmt::format(", accuracy {:.2f} %", 100 * *judged->accuracy);
    }
  }
  if (report.privacy) {
    line += fmt::format(", epsilon {:.3g}", report.privacy->epsilon);
  }
  return line + fmt::format(", {:.1f} s", seconds(report.took));
}

}  // namespace marvel::federate
