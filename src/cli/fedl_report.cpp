#include "cli/fedl_report.hpp"

#include "report/format.hpp"
#include "report/html.hpp"
#include "report/plot_svg.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace marvel::cli {
namespace {

using federate::RoundReport;
using federate::ServerReport;
using report::LineChart;
using report::Series;

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostLines = 12;  // that can be told apart

std::optional<double> error_percent(const std::optional<double>& accuracy) {
  return accuracy ? std::optional(100 * (1 - *accuracy)) : std::nullopt;
}

LineChart chart_of(const ServerReport& report, const std::string& title, const std::string& y) {
  LineChart chart;
  chart.title = title;
  chart.x_label = "round";
  chart.y_label = y;
  chart.first_x = static_cast<double>(report.reports.front().round);
  return chart;
}

// One line per client, as many as can be told apart, of all that there are.
struct ClientLines {
  std::vector<Series> shown;
  std::size_t all = 0;
};

// `rows_of` gives a round's rows, `value_of` what a row says, if anything.
template <class RowsOf, class ValueOf>
ClientLines lines_of(const ServerReport& report, const RowsOf& rows_of, const ValueOf& value_of) {
  std::map<std::string, std::vector<double>> lines;
  for (std::size_t i = 0; i < report.reports.size(); ++i) {
    for (const auto& row : rows_of(report.reports[i])) {
      if (const auto value = value_of(row)) {
        auto& line = lines[row.client];
        line.resize(report.reports.size(), kGap);
        line[i] = *value;
      }
    }
  }
  ClientLines found{{}, lines.size()};
  for (auto& [client, line] : lines) {
    if (found.shown.size() < kMostLines) {
      found.shown.push_back({client, std::move(line)});
    }
  }
  return found;
}

template <class ValueOf>
Series line_of(const ServerReport& report, const std::string& name, const ValueOf& value_of) {
  Series series{name, {}};
  for (const auto& round : report.reports) {
    series.y.push_back(std::optional<double>(value_of(round)).value_or(kGap));
  }
  return series;
}

bool says_something(const Series& series) {
  return std::any_of(series.y.begin(), series.y.end(), [](double y) { return std::isfinite(y); });
}

void add(report::HtmlReport& page, LineChart chart, const std::string& caption) {
  std::erase_if(chart.series, [](const Series& series) { return !says_something(series); });
  if (!chart.series.empty()) {
    page.figure(report::line_chart_svg(chart), caption);
  }
}

void add(report::HtmlReport& page, LineChart chart, ClientLines lines, std::string caption) {
  if (lines.shown.size() < lines.all) {
    caption += fmt::format(" The first {} of {} clients by name; the data in this page has all.",
                           lines.shown.size(), lines.all);
  }
  chart.series = std::move(lines.shown);
  add(page, std::move(chart), caption);
}

void add_clients(report::HtmlReport& page, const ServerReport& report) {
  const auto asked = [](const RoundReport& round) { return round.clients; };
  const auto evaluated = [](const RoundReport& round) { return round.evaluations; };
  add(page, chart_of(report, "Training", "loss"),
      lines_of(report, asked, [](const auto& row) { return row.loss; }),
      "Loss of training as each client tells it.");
  add(page, chart_of(report, "Training error", "error, %"),
      lines_of(report, asked, [](const auto& row) { return error_percent(row.accuracy); }),
      "Error of each client's model on the samples it has trained on.");
  add(page, chart_of(report, "Validation error", "error, %"),
      lines_of(report, asked,
               [](const auto& row) { return error_percent(row.validation_accuracy); }),
      "Error of each client's model on the samples it keeps back.");
  add(page, chart_of(report, "Test error", "error, %"),
      lines_of(report, evaluated, [](const auto& row) { return error_percent(row.accuracy); }),
      "Error of the new model on each client's own test data.");
}

void add_privacy(report::HtmlReport& page, const ServerReport& report) {
  LineChart spent = chart_of(report, "Privacy", "epsilon");
  spent.series = {line_of(report, "epsilon", [](const RoundReport& round) {
    return round.privacy ? std::optional(round.privacy->epsilon) : std::nullopt;
  })};
  add(page, spent,
      fmt::format("Epsilon of all rounds so far, for delta {:g}.",
                  report.privacy ? report.privacy->delta : 0));
}

// The big figures at the top.
std::vector<std::pair<std::string, std::string>> cards_of(const ServerReport& report) {
  std::vector<std::pair<std::string, std::string>> cards{
      {"rounds", std::to_string(report.rounds)},
      {"parameters", report::count(report.parameters)},
      {"time", report::duration(report.seconds)}};
  if (report.privacy) {
    cards.emplace_back(fmt::format("epsilon for delta {:g}", report.privacy->delta),
                       fmt::format("{:.3g}", report.privacy->epsilon));
  }
  return cards;
}

void add_model(report::HtmlReport& page, const ServerReport& report) {
  LineChart test = chart_of(report, "Test error of the model", "error, %");
  test.series = {
      line_of(report, "server's data",
              [](const RoundReport& round) {
                return round.central ? error_percent(round.central->accuracy) : std::nullopt;
              }),
      line_of(report, "mean of clients", [](const RoundReport& round) {
        return round.evaluation ? error_percent(round.evaluation->accuracy) : std::nullopt;
      })};
  add(page, test, "Error of the new model.");
  LineChart size = chart_of(report, "Model size", "parameters");
  size.series = {line_of(report, "model", [](const RoundReport& round) {
    return std::optional(static_cast<double>(round.parameters));
  })};
  add(page, size, "Parameters of the model after each round.");
  LineChart traffic = chart_of(report, "Traffic", "MB per round");
  traffic.series = {line_of(report, "to clients",
                            [](const RoundReport& round) {
                              return std::optional(static_cast<double>(round.bytes_down) / 1e6);
                            }),
                    line_of(report, "from clients", [](const RoundReport& round) {
                      return std::optional(static_cast<double>(round.bytes_up) / 1e6);
                    })};
  add(page, traffic, "Models sent and updates received.");
}

}  // namespace

std::string fedl_html(const ServerReport& report) {
  report::HtmlReport page(fmt::format("Federated run {}", report.run));
  page.lead(
      fmt::format("{}: {} rounds with {}.{}", report.status, report.rounds, report.strategy,
                  report.stop_reason.empty() ? "" : " Ended early: " + report.stop_reason + "."));
  page.cards(cards_of(report));
  if (!report.reports.empty()) {
    add_clients(page, report);
    add_model(page, report);
    add_privacy(page, report);
  }
  page.embed_json("report", federate::server_json(report));
  return page.text();
}

}  // namespace marvel::cli
