#include "cli/fedl_view.hpp"

#include "report/table.hpp"

#include <fmt/format.h>

namespace marvel::cli {

std::string fedl_server_table(const federate::ServerReport& report) {
  report::Table table({"round", "merged", "asked", "loss", "accuracy", "MB down", "MB up", "s"});
  for (const auto& round : report.reports) {
    const auto& evaluation = round.central ? round.central : round.evaluation;
    table.row({std::to_string(round.round),
               std::to_string(round.count(federate::Fate::kMerged) + round.carried),
               std::to_string(round.clients.size()),
               evaluation ? fmt::format("{:.4f}", evaluation->loss) : "-",
               evaluation && evaluation->accuracy
                   ? fmt::format("{:.2f} %", 100 * *evaluation->accuracy)
                   : "-",
               fmt::format("{:.2f}", static_cast<double>(round.bytes_down) / 1e6),
               fmt::format("{:.2f}", static_cast<double>(round.bytes_up) / 1e6),
               fmt::format("{:.2f}", static_cast<double>(round.took.count()) / 1000)});
  }
  std::string text = table.text();
  text += fmt::format("{}: {} rounds, {} parameters\n", report.status, report.rounds,
                      report.parameters);
  if (const auto& privacy = report.privacy) {
    text += fmt::format("epsilon {:.3g} for delta {:g}\n", privacy->epsilon, privacy->delta);
  }
  if (!report.model_path.empty()) {
    text += "model: " + report.model_path + "\n";
  }
  if (!report.script_path.empty()) {
    text += "model for compress and PyTorch: " + report.script_path + "\n";
  }
  return text;
}

std::string fedl_simulation_table(const federate::SimulationReport& report) {
  const auto& events = report.events;
  return fedl_server_table(report.server) +
         fmt::format(
             "{} clients, {:.0f} s of simulated time, seed {}\n"
             "trained {}, resent {}; departures {}, broken links {}, damaged updates {}, poisoned "
             "{}\n",
             report.clients, report.server.seconds, report.seed, events.trained, events.resent,
             events.departures, events.dropouts, events.corrupted, events.poisoned);
}

std::string fedl_client_table(const federate::ClientReportCard& report) {
  return fmt::format("{}: client {} trained {} rounds, evaluated {}, resent {}, reconnected {}\n",
                     report.status, report.cid, report.tally.trained, report.tally.evaluated,
                     report.tally.resent, report.tally.reconnects);
}

}  // namespace marvel::cli
