#include "cli/fedl_status_view.hpp"

#include "report/table.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using federate::ClientSnapshot;
using federate::ClientState;
using Json = nlohmann::json;

// Cells of a client's row; the same on a live screen and in an answer.
std::string number(const std::optional<double>& value, const char* format) {
  return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

report::Table clients_table() {
  return report::Table(
      {"CLIENT", "STATE", "SECONDS", "ROUND", "EXAMPLES", "ASKED", "MERGED", "LOSS", "ACCURACY"});
}

std::optional<double> percent(const std::optional<double>& share) {
  return share ? std::optional(100 * *share) : std::nullopt;
}

std::string state_cell(const ClientSnapshot& row) {
  return std::string(client_state_name(row.state));
}

std::optional<double> waiting(const ClientSnapshot& row) {
  return row.asked_for ? std::optional(static_cast<double>(row.asked_for->count()) / 1000)
                       : std::nullopt;
}

std::optional<double> number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>())
                                                     : std::nullopt;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "-";
}

std::string count_at(const Json& object, const char* key) {
  return number(number_at(object, key), "{:.0f}");
}

std::string clients_text(const Json& clients) {
  report::Table table = clients_table();
  for (const auto& row : clients) {
    table.row({text_at(row, "client"), text_at(row, "state"),
               number(number_at(row, "seconds"), "{:.1f}"), text_at(row, "fate"),
               count_at(row, "examples"), count_at(row, "selected"), count_at(row, "merged"),
               number(number_at(row, "loss"), "{:.4f}"),
               number(percent(number_at(row, "accuracy")), "{:.2f} %")});
  }
  return table.text();
}

std::string last_text(const Json& last) {
  if (last.is_null()) {
    return "";
  }
  const Json& judged = last.at("central_evaluation").is_null() ? last.at("evaluation")
                                                               : last.at("central_evaluation");
  std::string text = fmt::format("round {}: {} of {} clients merged, {:.1f} s",
                                 count_at(last, "round"), count_at(last, "merged"),
                                 count_at(last, "asked"), last.at("seconds").get<double>());
  if (judged.is_object()) {
    text += fmt::format(", loss {}, accuracy {}", number(number_at(judged, "loss"), "{:.4f}"),
                        number(percent(number_at(judged, "accuracy")), "{:.2f} %"));
  }
  return text + "\n";
}

std::string status_text(const Json& status) {
  std::string text = fmt::format("run {} ({}): {} of {} rounds, {} parameters\n{}\n",
                                 text_at(status, "run"), text_at(status, "strategy"),
                                 count_at(status, "rounds_done"), count_at(status, "rounds"),
                                 count_at(status, "parameters"), text_at(status, "activity"));
  text += last_text(status.at("last_round"));
  if (const auto& privacy = status.at("privacy"); privacy.is_object()) {
    text += fmt::format("epsilon {} at delta {}\n", number(number_at(privacy, "epsilon"), "{:.3g}"),
                        number(number_at(privacy, "delta"), "{:g}"));
  }
  if (status.at("stale").get<bool>()) {
    text += "the server is busy; this is how it was a moment ago\n";
  }
  const auto& clients = status.at("clients");
  return clients.empty() ? text : text + "\n" + clients_text(clients);
}

}  // namespace

std::string fedl_panel(const federate::ServerSnapshot& snapshot) {
  std::vector<const ClientSnapshot*> rows;
  rows.reserve(snapshot.clients.size());
  for (const auto& row : snapshot.clients) {
    rows.push_back(&row);
  }
  const auto rank = [](const ClientSnapshot* row) {
    return row->state == ClientState::kAway ? 2 : row->state == ClientState::kIdle ? 1 : 0;
  };
  std::stable_sort(rows.begin(), rows.end(),
                   [&rank](const auto* a, const auto* b) { return rank(a) < rank(b); });
  constexpr std::size_t kMost = 200;  // no window is higher
  rows.resize(std::min(rows.size(), kMost));
  report::Table table = clients_table();
  for (const ClientSnapshot* row : rows) {
    table.row({row->client, state_cell(*row), number(waiting(*row), "{:.1f}"),
               row->fate ? std::string(fate_name(*row->fate)) : "-", std::to_string(row->examples),
               std::to_string(row->selected), std::to_string(row->merged),
               number(row->loss, "{:.4f}"), number(percent(row->accuracy), "{:.2f} %")});
  }
  std::string text = table.text();
  text.pop_back();
  return text;
}

Result<Answer> fedl_status_answer(const std::string& json) {
  Answer answer;
  try {
    const Json status = Json::parse(json);
    answer.text = status_text(status);
  } catch (const Json::exception&) {
    return fail(Errc::kUnavailable, "the server's answer is damaged",
                "are server and client of the same version?");
  }
  answer.json = json;
  return answer;
}

}  // namespace marvel::cli
