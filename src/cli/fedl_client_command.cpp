#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/exit_code.hpp"
#include "cli/fedl_command.hpp"
#include "cli/fedl_flags.hpp"
#include "cli/fedl_plugin.hpp"
#include "cli/fedl_view.hpp"
#include "cli/ml_plugin.hpp"
#include "federate/client/exec_trainer.hpp"
#include "federate/client/trainer_options.hpp"
#include "federate/options.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace marvel::cli {
namespace {

using federate::ClientOptions;
using federate::TrainerOptions;

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
  bind.value("--ready-file", "FILE", o.ready_file,
             "Is there while this client has a link to its server, for probes")
      .files = Files::kFile;
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
  auto& model =
      bind.value("--model", "NAME", o.model, "Kind of network; l0mlp has gates, for dynhp");
  model.choices = {"mlp", "l0mlp"};
  model.variable = "MARVEL_FEDL_MODEL";
  bind.value("--layers", "N,N,...", o.layers, "Units per layer, input first");
  bind.value("--batch-size", "N", o.batch_size, "Samples per step");
  bind.value("--lr", "RATE", o.lr, "Adam step size");
  bind.choice(
      "--deal", {"iid", "dirichlet"}, 0,
      [&o](std::size_t index) { o.deal = static_cast<federate::Deal>(index); },
      "Shares alike, or with labels by a Dirichlet distribution");
  bind.value("--validation", "SHARE", o.validation,
             "Keep back so many samples and tell the errors on both parts, [0, 0.9]")
      .variable = "MARVEL_FEDL_VALIDATION";
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

// Clients are numbered from 0 or from 1: the last of N then takes share 0. Any larger number is
// left for validate() to refuse: it would train on the share of another client. Where there is only
// one share, it is everybody's.
Status choose_share(ClientFlags& flags) {
  if (flags.trainer.clients < 1) {
    return fail(Errc::kUsage, "--nb-clients must be at least 1");
  }
  const auto number = parse_unsigned(flags.options.cid);
  if (!number && flags.trainer.clients > 1) {
    return fail(Errc::kUsage, "--cid must be a number to choose a share of --nb-clients");
  }
  const auto clients = static_cast<std::uint64_t>(flags.trainer.clients);
  const std::uint64_t share = clients == 1 ? 0 : std::min(number.value_or(0), clients + 1);
  flags.trainer.client = share == clients ? 0 : static_cast<int>(share);
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

}  // namespace

void add_fedl_client(CommandTree& tree, CLI::App& fedl) {
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

}  // namespace marvel::cli
