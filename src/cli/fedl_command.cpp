#include "cli/fedl_command.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/fedl_flags.hpp"
#include "cli/fedl_plugin.hpp"
#include "cli/fedl_report.hpp"
#include "cli/fedl_status_view.hpp"
#include "cli/fedl_view.hpp"
#include "cli/ml_plugin.hpp"
#include "federate/client/exec_trainer.hpp"
#include "federate/client/trainer_options.hpp"
#include "federate/options.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

namespace marvel::cli {
namespace {

using federate::ClientOptions;
using federate::ServerOptions;
using federate::TrainerOptions;

// --- server ---

struct ServerFlags {
  ServerOptions options;
  RoundFlags rounds;
  PrivacyFlags privacy;
  TrainerOptions evaluation;  // of the server's own data
  std::string report;         // file for the page
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
}

void bind_server_data(Binder& bind, ServerFlags& flags) {
  bind.group("Data of the server");
  bind.this_run_only(true);
  auto& data =
      bind.value("--evaluate-data", "NAME|FOLDER", flags.evaluation.data,
                 "Measure each new model on this test set: fashion-mnist, mnist, a folder");
  data.choices = {"fashion-mnist", "mnist"};
  data.files = Files::kFolder;
  bind.this_run_only(false);
  bind.value("--layers", "N,N,...", flags.evaluation.layers, "Its units per layer, input first");
}

void bind_server_tls(Binder& bind, ServerOptions& o) {
  bind.group("TLS");
  bind.value("--tls-cert", "FILE", o.tls_cert, "Certificate chain, PEM").files = Files::kFile;
  bind.value("--tls-key", "FILE", o.tls_key, "Its private key, PEM").files = Files::kFile;
  bind.value("--client-ca", "FILE", o.client_ca,
             "Demand client certificates of this authority; their CN is the client's name")
      .files = Files::kFile;
}

// For tests alone: messages of more bytes than this go in parts.
Status read_chunk(const Environment& environment, std::size_t& chunk) {
  if (const auto text = environment.get("MARVEL_TESTING_CHUNK")) {
    MARVEL_TRY(const auto bytes, parse_unsigned(*text));
    chunk = std::max<std::size_t>(1, bytes);
  }
  return {};
}

// Nothing without --evaluate-data.
Result<std::unique_ptr<federate::Trainer>> make_evaluator(const TrainerOptions& options,
                                                          Session& session) {
  if (options.data.empty()) {
    return std::unique_ptr<federate::Trainer>();
  }
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY(const federate::MlTrainerApi* ml, load_ml_trainers(session.environment));
  return ml->make(options, session.context);
}

Result<Answer> run_server(const ServerFlags& flags, Session& session) {
  ServerOptions options = flags.options;
  options.rules = rules_of(flags.rounds);
  MARVEL_TRY(options.strategy.privacy, privacy_of(flags.privacy));
  MARVEL_TRY_STATUS(read_chunk(session.environment, options.chunk));
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY(const auto evaluator, make_evaluator(flags.evaluation, session));
  MARVEL_TRY(const federate::FedlApi* fedl, load_fedl_plugin(session.environment));
  federate::ServerHost host;
  host.evaluator = evaluator.get();
  if (can_redraw(terminal_options(session.globals, session.environment))) {
    host.panel = fedl_panel;
  }
  MARVEL_TRY(const auto report, fedl->serve(options, host, session.context));
  if (!flags.report.empty()) {
    MARVEL_TRY_STATUS(write_file_atomically(flags.report, fedl_html(report)));
  }
  Answer answer{fedl_server_table(report), server_json(report), kExitDone, ""};
  if (report.status == "interrupted") {
    answer.exit_code = exit_code_of_signal(session.context.stop.signal());
    answer.notice = options.checkpoint.empty()
                        ? "Interrupted. Without --checkpoint nothing was kept."
                        : "Interrupted. To go on: repeat the command with --resume";
  }
  return answer;
}

void register_server(CommandTree& tree, CLI::App& fedl) {
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
  notes.see_also = {"fedl client", "fedl status", "config show"};
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

// --- client ---

struct ClientFlags {
  ClientOptions options;
  TrainerOptions trainer;
  std::optional<int> nb_clients;
  std::optional<int> epochs;
  std::string exec;
  bool plain_updates = false;
  std::optional<std::chrono::milliseconds> keepalive;
  PersonalFlags personal;
};

void bind_client_run(Binder& bind, ClientFlags& flags) {
  ClientOptions& o = flags.options;
  bind.group("Common flags");
  bind.this_run_only(true);
  bind.value("--cid", "ID", o.cid, "Name of this client, the same after a restart [$CID]");
  bind.this_run_only(false);
  bind.value("--server-address,--server_address", "HOST:PORT", o.address,
             "The server, marvel's or Flower's [$SERVER_ADDRESS]");
  bind.choice(
      "--dialect", {"auto", "0.x", "1.x"}, 0,
      [&o](std::size_t index) { o.dialect = static_cast<federate::ClientDialect>(index); },
      "Flower's protocol; auto: 1.x, and 0.x if the server refuses");
  bind.this_run_only(true);
  bind.value("--state", "FOLDER", o.state,
             "Keep a finished update here until the server has it, over a restart")
      .files = Files::kFolder;
  bind.this_run_only(false);
  bind.flag("--plain-updates", flags.plain_updates,
            "Send whole models, even to a server that asks for less");
  bind.flag("--secure-aggregation", o.secure,
            "Give updates only to a server that learns nothing but their sum");
  bind_duration(bind, "--keepalive", flags.keepalive,
                "Look so often whether a silent server is there, at least 10s [5m]");
  bind_duration(bind, "--give-up", o.give_up, "End after so long without a server [never]");
}

void bind_client_work(Binder& bind, ClientFlags& flags) {
  TrainerOptions& o = flags.trainer;
  bind.group("Work");
  bind.this_run_only(true);
  bind.value("--exec", "COMMAND", flags.exec, "Train with this shell command, in any language");
  auto& data = bind.value("--data", "NAME|FOLDER", o.data,
                          "Train on: fashion-mnist, mnist, or a folder of IDX files");
  data.choices = {"fashion-mnist", "mnist"};
  data.files = Files::kFolder;
  bind.this_run_only(false);
  bind.value("--nb-clients,--nb_clients", "N", flags.nb_clients,
             "Deal the data to so many clients; --cid takes its share [$NB_CLIENTS or 1]");
  bind.value("--epochs", "N", flags.epochs, "Epochs per round [$EPOCHS or 1]");
  bind.value("--model", "NAME", o.model, "Kind of network; l0mlp has gates, for dynhp").choices = {
      "mlp", "l0mlp"};
  bind.value("--layers", "N,N,...", o.layers, "Units per layer, input first");
  bind.value("--batch-size", "N", o.batch_size, "Samples per step");
  bind.value("--lr", "RATE", o.lr, "Adam step size");
  bind.choice(
      "--deal", {"iid", "dirichlet"}, 0,
      [&o](std::size_t index) { o.deal = static_cast<federate::Deal>(index); },
      "Shares alike, or with labels by a Dirichlet distribution");
  bind.value("--validation", "SHARE", o.validation,
             "Keep back so many samples and tell the errors on both parts, [0, 0.9]");
  bind.value("--alpha", "X", o.alpha, "dirichlet: the smaller, the less alike; above 0");
  bind.value("--lambda", "X,X,...", o.lambda,
             "l0mlp: price of a gate, one per layer or one for all");
  bind.value("--gate-lr", "RATE", o.gate_lr, "l0mlp: Adam step size of gates");
  bind.value("--warmup-rounds", "N", o.warmup_rounds, "l0mlp: rounds before gates have a price");
  bind.value("--seed", "N", o.seed, "Start of all random numbers; the same for all clients");
  bind.value("--threads", "N", o.threads, "CPU threads; 0 uses all cores, two at most");
}

void bind_client_tls(Binder& bind, ClientOptions& o) {
  bind.group("TLS");
  bind.value("--tls-ca", "FILE", o.tls_ca, "Use TLS; authority of the server's certificate, PEM")
      .files = Files::kFile;
  bind.value("--tls-cert", "FILE", o.tls_cert, "This client's certificate, PEM").files =
      Files::kFile;
  bind.value("--tls-key", "FILE", o.tls_key, "Its private key, PEM").files = Files::kFile;
}

// The seed's images set these four variables (MARVEL D3.2, listing 25); a flag is stronger.
Result<ClientFlags> with_environment(ClientFlags flags, const Environment& environment) {
  if (flags.options.cid.empty()) {
    flags.options.cid = environment.get("CID").value_or("");
  }
  if (flags.options.address.empty()) {
    flags.options.address = environment.get("SERVER_ADDRESS").value_or("");
  }
  const auto number = [&](const char* name, std::optional<int>& target) -> Status {
    const auto text = environment.get(name);
    if (target || !text) {
      return {};
    }
    auto read = read_value(*text, target);
    if (!read) {
      read.error().message = std::string("$") + name + ": " + read.error().message;
    }
    return read;
  };
  MARVEL_TRY_STATUS(number("NB_CLIENTS", flags.nb_clients));
  MARVEL_TRY_STATUS(number("EPOCHS", flags.epochs));
  MARVEL_TRY_STATUS(read_chunk(environment, flags.options.chunk));
  flags.trainer.clients = flags.nb_clients.value_or(1);
  flags.trainer.epochs = flags.epochs.value_or(1);
  flags.options.encode = !flags.plain_updates;
  flags.options.keepalive = flags.keepalive.value_or(flags.options.keepalive);
  return flags;
}

// Clients are numbered from 0 or from 1: the last of N then takes share 0.
Status choose_share(ClientFlags& flags) {
  if (flags.trainer.clients < 1) {
    return fail(Errc::kUsage, "--nb-clients must be at least 1");
  }
  const auto number = parse_unsigned(flags.options.cid);
  if (!number && flags.trainer.clients > 1) {
    return fail(Errc::kUsage, "--cid must be a number to choose a share of --nb-clients");
  }
  const auto clients = static_cast<std::uint64_t>(flags.trainer.clients);
  flags.trainer.client = static_cast<int>(number.value_or(0) % clients);
  return {};
}

Result<std::unique_ptr<federate::Trainer>> make_trainer(ClientFlags& flags, Session& session) {
  if (flags.exec.empty() == flags.trainer.data.empty()) {
    return fail(Errc::kUsage, "a client needs either --data or --exec",
                "as in --data fashion-mnist, or --exec \"python3 $PWD/train.py\"");
  }
  if (!flags.exec.empty()) {
    return federate::ExecTrainer::make(flags.exec, std::filesystem::temp_directory_path(),
                                       session.context.stop);
  }
  MARVEL_TRY_STATUS(choose_share(flags));
  MARVEL_TRY_STATUS(validate(flags.trainer));
  MARVEL_TRY(const federate::MlTrainerApi* ml, load_ml_trainers(session.environment));
  return ml->make(flags.trainer, session.context);
}

Result<Answer> run_client(const ClientFlags& bound, Session& session) {
  MARVEL_TRY(ClientFlags flags, with_environment(bound, session.environment));
  MARVEL_TRY_STATUS(validate(flags.options));
  MARVEL_TRY(auto plain, make_trainer(flags, session));
  MARVEL_TRY(const auto trainer, personal_trainer(std::move(plain), flags.personal));
  MARVEL_TRY(const federate::FedlApi* fedl, load_fedl_plugin(session.environment));
  MARVEL_TRY(const auto report, fedl->join(flags.options, *trainer, session.context));
  Answer answer{fedl_client_table(report), client_json(report), kExitDone, ""};
  if (report.status == "interrupted") {
    answer.exit_code = exit_code_of_signal(session.context.stop.signal());
  }
  return answer;
}

void register_client(CommandTree& tree, CLI::App& fedl) {
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl client --cid 1 --server-address fog:8080 --nb-clients 5 --epochs 2 --data "
       "mnist",
       "train the first of five shares of a data set"},
      {"marvel fedl client --cid edge-7 --server-address fog:8080 --exec \"python3 $PWD/train.py\"",
       "train with a program of your own"},
      {"marvel fedl client --cid 1 --server-address fog:8080 --data mnist --state /var/lib/fedl",
       "a restart does not cost a finished round"},
      {"marvel fedl client --cid 2 --server-address fog:8080 --nb-clients 5 --data mnist "
       "--local-layers 'layer3.*' --local-model mine.npz",
       "share all layers but the last"}};
  notes.environment = {{"CID", "Stands for --cid"},
                       {"SERVER_ADDRESS", "Stands for --server-address"},
                       {"NB_CLIENTS", "Stands for --nb-clients"},
                       {"EPOCHS", "Stands for --epochs"},
                       {"MARVEL_DATA", "Folder with mnist/ and fashion-mnist/, looked into first"}};
  notes.exit_codes = {{"3", "no server within --give-up, the command failed, training diverged"},
                      {"130", "stopped by Ctrl-C"},
                      {"143", "stopped by SIGTERM"}};
  notes.see_also = {"fedl server", "compress train"};
  const auto flags = std::make_shared<ClientFlags>();
  notes.run = [flags](Session& session) { return run_client(*flags, session); };
  CLI::App& command = tree.add(fedl, "client", "Take part in training with data of this machine",
                               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind_client_run(bind, *flags);
  bind_client_work(bind, *flags);
  bind_personal(bind, flags->personal);
  bind_client_tls(bind, flags->options);
}

}  // namespace

void register_fedl(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl server --rounds 10 --min-available 2 --checkpoint run1", "serve"},
      {"marvel fedl client --cid 1 --server-address localhost:8080 --data mnist", "take part"}};
  CLI::App& fedl = tree.add(tree.root(), "fedl", "Train one model with many clients", "Models",
                            std::move(notes));
  register_server(tree, fedl);
  register_client(tree, fedl);
  add_fedl_status(tree, fedl);
  add_fedl_simulate(tree, fedl);
}

}  // namespace marvel::cli
