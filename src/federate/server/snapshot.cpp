#include "federate/server/snapshot.hpp"

#include "federate/server/privacy_json.hpp"
#include "net/metrics_text.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

using Json = nlohmann::ordered_json;
using net::metric_head;
using net::metric_label;
using net::metric_line;
using net::metric_total;

double seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json client_json(const ClientSnapshot& row) {
  return {{"client", row.client},
          {"state", client_state_name(row.state)},
          {"fate", row.fate ? Json(fate_name(*row.fate)) : Json()},
          {"seconds", row.asked_for ? Json(seconds(*row.asked_for)) : Json()},
          {"examples", row.examples},
          {"selected", row.selected},
          {"merged", row.merged},
          {"refused", row.refused},
          {"last_merged", row.last_merged},
          {"availability", row.availability},
          {"loss", or_null(row.loss)},
          {"accuracy", or_null(row.accuracy)}};
}

Json evaluation_json(const std::optional<EvaluationReport>& evaluation) {
  return evaluation ? Json{{"loss", evaluation->loss}, {"accuracy", or_null(evaluation->accuracy)}}
                    : Json();
}

Json last_json(const RoundReport& last) {
  return {{"round", last.round},
          {"merged", last.count(Fate::kMerged)},
          {"asked", last.clients.size()},
          {"seconds", seconds(last.took)},
          {"bytes_down", last.bytes_down},
          {"bytes_up", last.bytes_up},
          {"evaluation", evaluation_json(last.evaluation)},
          {"central_evaluation", evaluation_json(last.central)}};
}

using Fates = std::array<std::pair<Fate, std::uint64_t>, 6>;

Fates fates_of(const ServerTotals& totals) {
  return {{{Fate::kMerged, totals.merged},
           {Fate::kEmpty, totals.empty},
           {Fate::kRefused, totals.refused},
           {Fate::kGone, totals.gone},
           {Fate::kLate, totals.late},
           {Fate::kVoid, totals.voided}}};
}

Json totals_json(const ServerTotals& totals) {
  Json json{{"rounds", totals.rounds}, {"carried", totals.carried}};
  for (const auto& [fate, count] : fates_of(totals)) {
    json[std::string(fate_name(fate))] = count;
  }
  json["bytes_down"] = totals.bytes_down;
  json["bytes_up"] = totals.bytes_up;
  return json;
}

// --- metrics ---

std::string gauge(const std::string& name, const std::string& help, double value) {
  return metric_head(name, "gauge", help) + metric_line(name, "", value);
}

std::string answers_text(const ServerTotals& totals) {
  const std::string name = "marvel_fedl_answers_total";
  std::string text =
      metric_head(name, "counter", "Clients asked in finished rounds, by what became of them.");
  for (const auto& [fate, count] : fates_of(totals)) {
    text += metric_line(name, metric_label("fate", fate_name(fate)), count);
  }
  return text;
}

std::string clients_text(const std::vector<ClientSnapshot>& clients) {
  constexpr std::array kStates{ClientState::kAway,   ClientState::kIdle,      ClientState::kOffers,
                               ClientState::kTrains, ClientState::kEvaluates, ClientState::kLeaves};
  const std::string name = "marvel_fedl_clients";
  std::string text = metric_head(name, "gauge", "Known clients, by what they do.");
  for (const ClientState state : kStates) {
    std::uint64_t count = 0;
    for (const auto& row : clients) {
      count += row.state == state ? 1 : 0;
    }
    text += metric_line(name, metric_label("state", client_state_name(state)), count);
  }
  const std::string merged = "marvel_fedl_client_merged_rounds_total";
  text += metric_head(merged, "counter", "Rounds whose model holds an update of the client.");
  for (const auto& row : clients) {
    text += metric_line(merged, metric_label("client", row.client), row.merged);
  }
  return text;
}

std::string quality_text(const ServerSnapshot& snapshot) {
  std::string text;
  if (snapshot.privacy) {
    text += gauge("marvel_fedl_epsilon", "Privacy spent in finished rounds.",
                  snapshot.privacy->epsilon);
    text += gauge("marvel_fedl_delta", "For which epsilon holds.", snapshot.privacy->delta);
  }
  if (!snapshot.last) {
    return text;
  }
  text += gauge("marvel_fedl_round_seconds", "Time of the last finished round.",
                seconds(snapshot.last->took));
  const auto& judged = snapshot.last->central ? snapshot.last->central : snapshot.last->evaluation;
  if (judged) {
    text += gauge("marvel_fedl_loss", "Of the newest model.", judged->loss);
  }
  if (judged && judged->accuracy) {
    text += gauge("marvel_fedl_accuracy", "Of the newest model, 0 to 1.", *judged->accuracy);
  }
  return text;
}

}  // namespace

std::string_view client_state_name(ClientState state) {
  switch (state) {
    case ClientState::kAway:
      return "away";
    case ClientState::kIdle:
      return "idle";
    case ClientState::kOffers:
      return "offers";
    case ClientState::kTrains:
      return "trains";
    case ClientState::kEvaluates:
      return "evaluates";
    case ClientState::kLeaves:
      break;
  }
  return "leaves";
}

void ServerTotals::add(const RoundReport& report) {
  ++rounds;
  carried += report.carried;
  merged += report.count(Fate::kMerged);
  empty += report.count(Fate::kEmpty);
  refused += report.count(Fate::kRefused);
  gone += report.count(Fate::kGone);
  late += report.count(Fate::kLate);
  voided += report.count(Fate::kVoid);
  bytes_down += report.bytes_down;
  bytes_up += report.bytes_up;
}

std::string status_json(const ServerSnapshot& snapshot) {
  Json clients = Json::array();
  for (const auto& row : snapshot.clients) {
    clients.push_back(client_json(row));
  }
  const Json json{{"schema", "marvel.fedl.status/1"},
                  {"run", snapshot.run},
                  {"strategy", snapshot.strategy},
                  {"phase", snapshot.phase},
                  {"activity", snapshot.activity},
                  {"rounds", snapshot.rounds},
                  {"rounds_done", snapshot.rounds_done},
                  {"parameters", snapshot.parameters},
                  {"connected", snapshot.connected},
                  {"answers", snapshot.answers},
                  {"wanted", snapshot.wanted},
                  {"quorum", snapshot.quorum},
                  {"due_in", snapshot.due_in ? Json(seconds(*snapshot.due_in)) : Json()},
                  {"seconds", snapshot.seconds},
                  {"stale", snapshot.stale},
                  {"totals", totals_json(snapshot.totals)},
                  {"privacy", snapshot.privacy ? privacy_json(*snapshot.privacy) : Json()},
                  {"last_round", snapshot.last ? last_json(*snapshot.last) : Json()},
                  {"clients", std::move(clients)}};
  // Clients choose their names: bytes that are no UTF-8 become U+FFFD.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string metrics_text(const ServerSnapshot& snapshot) {
  const ServerTotals& totals = snapshot.totals;
  return gauge("marvel_fedl_rounds_done", "Finished rounds, those before a resume included.",
               static_cast<double>(snapshot.rounds_done)) +
         metric_total("marvel_fedl_rounds_total", "Rounds that this process has finished.",
                      totals.rounds) +
         gauge("marvel_fedl_clients_connected", "Clients that are connected.",
               static_cast<double>(snapshot.connected)) +
         gauge("marvel_fedl_model_parameters", "Parameters of the newest model.",
               static_cast<double>(snapshot.parameters)) +
         answers_text(totals) +
         metric_total("marvel_fedl_carried_total", "Late updates merged into a later round.",
                      totals.carried) +
         metric_total("marvel_fedl_sent_bytes_total", "Models sent for training.",
                      totals.bytes_down) +
         metric_total("marvel_fedl_received_bytes_total", "Updates received.", totals.bytes_up) +
         quality_text(snapshot) + clients_text(snapshot.clients);
}

}  // namespace marvel::federate
