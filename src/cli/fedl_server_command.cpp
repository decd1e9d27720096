#include "base/file.hpp"
#include "cli/bind.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/fedl_command.hpp"
#include "cli/fedl_flags.hpp"
#include "cli/fedl_plugin.hpp"
#include "cli/fedl_report.hpp"
#include "cli/fedl_status_view.hpp"
#include "cli/fedl_view.hpp"
#include "cli/ml_plugin.hpp"
#include "cli/model_file.hpp"
#include "federate/client/trainer_options.hpp"
#include "federate/options.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace marvel::cli {
namespace {

using federate::CentralEvaluator;
using federate::ServerOptions;
using federate::TrainerOptions;

struct ServerFlags {
  ServerOptions options;
  RoundFlags rounds;
  PrivacyFlags privacy;
  std::string data;         // of the server's own
  std::vector<int> layers;  // that its model must have; empty: any
  std::string report;       // file for the page
  std::optional<std::chrono::milliseconds> goodbye;
};

void bind_server_run(Binder& bind, ServerFlags& flags) {
  ServerOptions& o = flags.options;
  bind.group("Common flags");
  bind.value("--address", "HOST:PORT", o.address, "Where to listen; port 0 takes a free one");
  bind.value("--rounds", "N", flags.rounds.rules.rounds,
             "Rounds in all, those before a --resume included");
  bind_strategy_name(bind, o.strategy);
  bind.this_run_only(true);
  bind.value("--checkpoint", "FOLDER", o.checkpoint, "Keep the model and the run here").files =
      Files::kFolder;
  bind.flag("--resume", o.resume, "Go on with the run in --checkpoint");
  bind.value("--initial", "FILE", o.initial, "Begin with this .npz, not with a client's model")
      .files = Files::kFile;
  bind.value("--metrics-out", "FILE", o.rounds_out, "One line of JSON per round").files =
      Files::kFile;
  bind.value("--report", "FILE", flags.report, "A page with figures of the rounds, at the end")
      .files = Files::kFile;
  bind.value("--control", "FILE", o.control,
             "Socket for marvel fedl status [status.sock in --checkpoint]")
      .files = Files::kFile;
  bind.value("--metrics", "ADDRESS:PORT", o.metrics,
             "Serve counters to Prometheus here; port 0 takes a free one");
  bind.this_run_only(false);
  bind.value("--seed", "N", flags.rounds.rules.seed, "Start of all random choices");
  bind_duration(bind, "--goodbye", flags.goodbye,
                "At the end, wait so long for clients that are busy or away [10s]");
}

void bind_server_data(Binder& bind, ServerFlags& flags) {
  bind.group("Data of the server");
  bind.this_run_only(true);
  auto& data =
      bind.value("--evaluate-data", "NAME|FOLDER", flags.data,
                 "Measure each new model on this test set: fashion-mnist, mnist, a folder");
  data.choices = {"fashion-mnist", "mnist"};
  data.files = Files::kFolder;
  bind.this_run_only(false);
  bind.value("--layers", "N,N,...", flags.layers,
             "Units per layer that the model must have, input first [any]");
}

void bind_server_tls(Binder& bind, ServerOptions& o) {
  bind.group("TLS");
  bind.value("--tls-cert", "FILE", o.tls_cert, "Certificate chain, PEM").files = Files::kFile;
  bind.value("--tls-key", "FILE", o.tls_key, "Its private key, PEM").files = Files::kFile;
  bind.value("--client-ca", "FILE", o.client_ca,
             "Demand client certificates of this authority; their CN is the client's name")
      .files = Files::kFile;
}

// Nothing without --evaluate-data. Which network it measures is not known before the first model.
Result<std::unique_ptr<CentralEvaluator>> make_evaluator(const ServerFlags& flags,
                                                         Session& session) {
  if (flags.data.empty()) {
    return std::unique_ptr<CentralEvaluator>();
  }
  TrainerOptions options;
  options.data = flags.data;
  if (!flags.layers.empty()) {
    options.layers = flags.layers;
    MARVEL_TRY_STATUS(validate(options));
  }
  options.layers = flags.layers;
  MARVEL_TRY(const federate::MlTrainerApi* ml, load_ml_trainers(session.environment));
  auto evaluator = std::make_unique<CentralEvaluator>(
      options,
      [ml, &session](const TrainerOptions& known) { return ml->make(known, session.context); });
  MARVEL_TRY_STATUS(evaluator->check_data());
  return evaluator;
}

// The model of a run that is over once more, as model.pt beside it. Says what stands in the way:
// the run is a success without it.
std::string leave_script(federate::ServerReport& report, const Environment& environment) {
  const std::filesystem::path model = report.model_path;
  std::filesystem::path script = model;
  script.replace_extension("pt");
  std::error_code ignored;
  std::filesystem::remove(script, ignored);  // a former end of this run, or nothing
  if (!std::filesystem::exists(model, ignored)) {
    return "";
  }
  const auto bytes = script_of(model, environment);
  const Status written = bytes ? write_file_atomically(script, *bytes) : fail(bytes.error());
  if (!written) {
    return "No model.pt for compress and PyTorch: " + written.error().message;
  }
  report.script_path = script.string();
  return "";
}

Result<Answer> run_server(const ServerFlags& flags, Session& session) {
  ServerOptions options = flags.options;
  options.rules = rules_of(flags.rounds);
  options.goodbye = flags.goodbye.value_or(options.goodbye);
  MARVEL_TRY(options.strategy.privacy, privacy_of(flags.privacy));
  MARVEL_TRY_STATUS(read_chunk(session.environment, options.chunk));
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY(const auto evaluator, make_evaluator(flags, session));
  MARVEL_TRY(const federate::FedlApi* fedl, load_fedl_plugin(session.environment));
  federate::ServerHost host;
  host.evaluator = evaluator.get();
  if (can_redraw(terminal_options(session.globals, session.environment))) {
    host.panel = fedl_panel;
  }
  MARVEL_TRY(auto report, fedl->serve(options, host, session.context));
  std::string notice;
  if (report.status == "done" && !report.model_path.empty()) {
    notice = leave_script(report, session.environment);
  }
  if (!flags.report.empty()) {
    MARVEL_TRY_STATUS(write_file_atomically(flags.report, fedl_html(report)));
  }
  Answer answer{fedl_server_table(report), server_json(report), kExitDone, notice};
  if (report.status == "interrupted") {
    answer.exit_code = exit_code_of_signal(session.context.stop.signal());
    answer.notice = options.checkpoint.empty()
                        ? "Interrupted. Without --checkpoint nothing was kept."
                        : "Interrupted. To go on: repeat the command with --resume";
  }
  return answer;
}

}  // namespace

void add_fedl_server(CommandTree& tree, CLI::App& fedl) {
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl server --address '[::]:8080' --rounds 50 --min-available 5 --checkpoint run1",
       "average five clients' models, keep every round"},
      {"marvel fedl server --strategy nus --clients-per-round 10 --round-deadline 300s",
       "ask ten valuable clients, do not wait for stragglers"},
      {"marvel fedl server --min-available 100 --clients-per-round 10 --dp-clip 1 --dp-noise 1.1 "
       "--dp-target-epsilon 8",
       "tell nobody much about any one client, and end in time"},
      {"marvel fedl server --rounds 50 --checkpoint run1 --resume", "go on after a crash"},
      {"marvel fedl server --evaluate-data mnist --stop-after 5 --report run.html",
       "measure each model, end when it gets no better, show the rounds"},
      {"marvel fedl server --update-encoding top-k --keep 0.01",
       "a hundredth of the changes is enough from marvel's clients"},
      {"marvel fedl server --rounds 50 --checkpoint run1 --metrics '[::]:9464'",
       "let Prometheus watch, and marvel fedl status --checkpoint run1"}};
  notes.exit_codes = {{"3", "a port is taken, the disk is full, another server runs there"},
                      {"130", "stopped by Ctrl-C; --resume goes on"},
                      {"143", "stopped by SIGTERM; --resume goes on"}};
  notes.see_also = {"fedl client", "fedl status", "fedl export", "config show"};
  const auto flags = std::make_shared<ServerFlags>();
  notes.run = [flags](Session& session) { return run_server(*flags, session); };
  CLI::App& command = tree.add(fedl, "server", "Train one model with clients that keep their data",
                               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind_server_run(bind, *flags);
  bind_rounds(bind, flags->rounds);
  bind_encoding(bind, flags->rounds.rules);
  bind_server_data(bind, *flags);
  bind_strategy(bind, flags->options.strategy);
  bind_privacy(bind, flags->privacy);
  bind_secure(bind, flags->rounds.rules);
  bind_server_tls(bind, flags->options);
}

}  // namespace marvel::cli
