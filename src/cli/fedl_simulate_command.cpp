#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/exit_code.hpp"
#include "cli/fedl_command.hpp"
#include "cli/fedl_flags.hpp"
#include "cli/fedl_report.hpp"
#include "cli/fedl_view.hpp"
#include "federate/simulate/simulate.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace marvel::cli {
namespace {

using federate::SimulateOptions;

struct SimulateFlags {
  SimulateOptions options;
  RoundFlags rounds;
  PrivacyFlags privacy;
  std::vector<double> availability{1};
  std::optional<std::chrono::milliseconds> cycle;
  std::optional<std::chrono::milliseconds> latency;
  std::optional<std::uint64_t> up;
  std::optional<std::uint64_t> down;
  std::string report;
};

void bind_run(Binder& bind, SimulateFlags& flags) {
  SimulateOptions& o = flags.options;
  bind.group("Common flags");
  bind.value("--clients", "N", o.clients, "Clients in all");
  bind.value("--rounds", "N", flags.rounds.rules.rounds, "Rounds in all");
  bind_strategy_name(bind, o.strategy);
  bind.value("--seed", "N", flags.rounds.rules.seed, "Start of all random choices");
  bind.this_run_only(true);
  bind.value("--report", "FILE", flags.report, "A page with figures of the rounds, at the end")
      .files = Files::kFile;
  bind.this_run_only(false);
}

void bind_faults(Binder& bind, SimulateFlags& flags) {
  auto& o = flags.options.faults;
  bind.group("Faults");
  bind.value("--availability", "SHARE[,SHARE]", flags.availability,
             "Share of time that clients are there; two: each draws its own between them");
  bind_duration(bind, "--cycle", flags.cycle, "From one departure to the next on average [10m]");
  bind.value("--dropout", "P", o.dropout,
             "Chance that a link breaks between an order and its answer");
  bind.value("--corrupt", "P", o.corrupt, "Chance that an update arrives damaged");
  bind.value("--poison", "SHARE", o.poison, "Clients whose updates lead away from the aim");
  bind.value("--slow", "SHARE", o.slow, "Clients that are slow in all they do");
  bind.value("--slow-factor", "X", o.slow_factor, "How much slower, at least 1");
}

void bind_links(Binder& bind, SimulateFlags& flags) {
  bind.group("Links; each client draws half to twice of these");
  bind.size("--bandwidth-up", flags.up, "Bytes per second from a client [1.25MB]");
  bind.size("--bandwidth-down", flags.down, "Bytes per second to a client [6.25MB]");
  bind_duration(bind, "--latency", flags.latency, "One way [40ms]");
  bind.value("--speed", "N", flags.options.link.samples_per_second,
             "Samples that a client trains on per second");
}

void bind_training(Binder& bind, SimulateOptions& o) {
  bind.group("Work");
  bind.this_run_only(true);
  auto& data =
      bind.value("--data", "NAME|FOLDER", o.data,
                 "Images to deal to the clients: fashion-mnist, mnist, a folder [made up]");
  data.choices = {"fashion-mnist", "mnist"};
  data.files = Files::kFolder;
  bind.this_run_only(false);
  bind.value("--samples", "N", o.samples, "Made-up samples per client on average");
  bind.value("--hidden", "N", o.hidden, "Units of the network's hidden layer; 0: none");
  bind.value("--epochs", "N", o.epochs, "Epochs per round");
  bind.value("--batch-size", "N", o.batch_size, "Samples per step");
  bind.value("--lr", "RATE", o.lr, "Step size of stochastic gradient descent");
  bind.choice(
      "--deal", {"iid", "dirichlet"}, 0,
      [&o](std::size_t index) { o.deal = static_cast<federate::Deal>(index); },
      "Shares alike, or with labels by a Dirichlet distribution");
  bind.value("--alpha", "X", o.alpha, "dirichlet: the smaller, the less alike; above 0");
}

Result<SimulateOptions> options_of(const SimulateFlags& flags) {
  SimulateOptions options = flags.options;
  options.rules = rules_of(flags.rounds);
  MARVEL_TRY(options.strategy.privacy, privacy_of(flags.privacy));
  const auto& shares = flags.availability;
  if (shares.empty() || shares.size() > 2) {
    return fail(Errc::kUsage, "--availability needs one share or two", "as in 0.3,0.95");
  }
  options.faults.availability_low = shares.front();
  options.faults.availability_high = shares.back();
  options.faults.cycle = flags.cycle.value_or(options.faults.cycle);
  options.link.latency = flags.latency.value_or(options.link.latency);
  const auto rate = [](const std::optional<std::uint64_t>& given, double usual) {
    return given ? static_cast<double>(*given) : usual;
  };
  options.link.bandwidth_up = rate(flags.up, options.link.bandwidth_up);
  options.link.bandwidth_down = rate(flags.down, options.link.bandwidth_down);
  MARVEL_TRY_STATUS(validate(options));
  return options;
}

Result<Answer> run_simulate(const SimulateFlags& flags, Session& session) {
  MARVEL_TRY(const SimulateOptions options, options_of(flags));
  MARVEL_TRY(const auto people, federate::light_people(options));
  MARVEL_TRY(const auto report, federate::simulate(options, people, session.context));
  if (!flags.report.empty()) {
    MARVEL_TRY_STATUS(write_file_atomically(flags.report, fedl_html(report.server)));
  }
  return Answer{fedl_simulation_table(report), simulation_json(report), kExitDone, ""};
}

}  // namespace

void add_fedl_simulate(CommandTree& tree, CLI::App& fedl) {
  const auto flags = std::make_shared<SimulateFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel fedl simulate --clients 200 --rounds 20 --clients-per-round 20",
       "a run of 200 clients, in seconds"},
      {"marvel fedl simulate --strategy nus --clients-per-round 20 --availability 0.3,0.95 --deal "
       "dirichlet",
       "clients that come and go and know different things"},
      {"marvel fedl simulate --strategy median --poison 0.2 --dropout 0.1 --corrupt 0.05",
       "does the model survive bad clients?"},
      {"marvel fedl simulate --slow 0.3 --round-deadline 60s --bandwidth-up 125kB --report "
       "run.html",
       "what a deadline costs on thin links"},
      {"marvel fedl simulate --clients 200 --min-available 200 --clients-per-round 20 --rounds 30 "
       "--dp-clip 1 --dp-noise 1.1",
       "what privacy costs: accuracy, and epsilon by round"}};
  notes.exit_codes = {{"3", "the run cannot end, training diverged"}};
  notes.see_also = {"fedl server"};
  notes.run = [flags](Session& session) { return run_simulate(*flags, session); };
  CLI::App& command =
      tree.add(fedl, "simulate", "Try a run with many clients and their faults in one process",
               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind_run(bind, *flags);
  bind_rounds(bind, flags->rounds);
  bind_encoding(bind, flags->rounds.rules);
  bind_faults(bind, *flags);
  bind_links(bind, *flags);
  bind_training(bind, flags->options);
  bind_strategy(bind, flags->options.strategy);
  bind_privacy(bind, flags->privacy);
}

}  // namespace marvel::cli
