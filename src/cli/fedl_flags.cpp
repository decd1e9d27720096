#include "cli/fedl_flags.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/command.hpp"
#include "federate/client/personal.hpp"

#include <algorithm>
#include <utility>

namespace marvel::cli {
namespace {

// Numbers that cannot be negative, as the library has them.
OptionNotes& bind_count(Binder& bind, const std::string& names, std::size_t& target,
                        const std::string& help) {
  auto& notes = bind.add(names, "N", help, [&target](const std::string& text) -> Status {
    MARVEL_TRY(target, parse_unsigned(text));
    return {};
  });
  notes.default_text = std::to_string(target);
  return notes;
}

}  // namespace

// A duration with a unit ("300s"), or nothing.
OptionNotes& bind_duration(Binder& bind, const std::string& names,
                           std::optional<std::chrono::milliseconds>& target,
                           const std::string& help) {
  return bind.add(names, "DURATION", help, [&target](const std::string& text) -> Status {
    MARVEL_TRY(target, parse_duration(text));
    return {};
  });
}

Status read_chunk(const Environment& environment, std::size_t& chunk) {
  if (const auto text = environment.get("MARVEL_TESTING_CHUNK")) {
    MARVEL_TRY(const auto bytes, parse_unsigned(*text));
    chunk = std::max<std::size_t>(1, bytes);
  }
  return {};
}

void bind_strategy_name(Binder& bind, federate::StrategyOptions& options) {
  bind.choice(
      "--strategy", federate::strategy_names(), 0,
      [&options](std::size_t index) { options.kind = static_cast<federate::StrategyKind>(index); },
      "How clients are chosen and their models merged");
}

void bind_rounds(Binder& bind, RoundFlags& flags) {
  auto& rules = flags.rules;
  bind.group("Rounds");
  bind_count(bind, "--min-available", rules.min_available, "Clients that must be there to begin");
  bind_count(bind, "--clients-per-round", rules.clients_per_round,
             "Clients merged per round; 0: all that are there");
  bind_count(bind, "--min-results", rules.min_results,
             "Answers without which no round ends; 0: 80 % of those wanted");
  bind.value("--over-selection", "SHARE", rules.over_selection,
             "Ask this share more; the first answers count");
  bind_duration(bind, "--round-deadline", rules.deadline,
                "From then on --min-results are enough [10 times the slowest answer, 1h at least]");
  bind.choice(
      "--late", {"drop", "carry"}, 0,
      [&rules](std::size_t index) { rules.carry_late = index == 1; },
      "Updates after their round: drop them, or merge them into a later one");
  bind_duration(bind, "--rejoin-grace", flags.grace,
                "Wait so long for a client whose link broke [5s]");
  bind.flag("--no-evaluate", flags.no_evaluate, "Do not let clients evaluate the new model");
  bind.value("--target-accuracy", "SHARE", rules.target_accuracy,
             "End when an evaluation reaches it, (0, 1] [never]");
  bind.value("--stop-after", "N", rules.stop_after,
             "End after so many rounds without a better loss; 0: never");
  bind_count(bind, "--evaluate-clients", rules.evaluate_clients,
             "Clients that evaluate; 0: as many as train");
}

federate::RoundRules rules_of(const RoundFlags& flags) {
  federate::RoundRules rules = flags.rules;
  rules.evaluate = !flags.no_evaluate;
  rules.rejoin_grace = flags.grace.value_or(rules.rejoin_grace);
  return rules;
}

void bind_encoding(Binder& bind, federate::RoundRules& rules) {
  bind.group("Updates");
  bind.choice(
      "--update-encoding", federate::wire::update_encoding_names(), 0,
      [&rules](std::size_t index) {
        rules.encoding = static_cast<federate::wire::UpdateEncoding>(index);
      },
      "Fewer bytes from marvel's clients: the change, coarser; others send all");
  bind.value("--keep", "SHARE", rules.keep, "top-k: share of the changes that is sent, (0, 1]");
}

void bind_strategy(Binder& bind, federate::StrategyOptions& o) {
  bind.group("Strategies");
  bind.flag("--uniform", o.uniform, "Plain mean of clients, not by their examples");
  bind.value("--server-lr", "RATE", o.server_lr,
             "Step size of the server [fedavgm, nus 1; fedyogi 0.01; others 0.1]");
  bind.value("--server-momentum", "MU", o.momentum, "fedavgm: share of the last step, [0, 1)");
  bind.value("--beta1", "X", o.beta1, "fedadam, fedyogi: memory of the first moment, [0, 1)");
  bind.value("--beta2", "X", o.beta2, "fedadam, fedyogi: memory of the second moment, [0, 1)");
  bind.value("--tau", "X", o.tau, "Added to the root [fedyogi 0.001; fedadam, fedadagrad 1e-9]");
  bind.flag("--adam-bias-correction", o.adam_bias_correction,
            "fedadam: step size as in Flower from 1.20 on");
  bind.value("--proximal-mu", "MU", o.proximal_mu, "fedprox: told to clients, at least 0");
  bind.value("--trim", "SHARE", o.trim, "trimmed-mean: cut at each end, [0, 0.5)");
  bind.value("--byzantine", "N", o.byzantine, "krum: wrong clients that are expected");
  bind.value("--krum-keep", "N", o.keep, "krum: models averaged; above 1 is Multi-Krum");
  bind_nus(bind, o.nus);
  bind.value("--dynhp-vote", "SHARE", o.dynhp.vote,
             "dynhp: a unit stays with this share of votes; 0 is any, 1 all");
  bind.value("--dynhp-patience", "N", o.dynhp.patience,
             "dynhp: rounds without it before it leaves");
  bind.value("--dynhp-threshold", "P", o.dynhp.threshold,
             "dynhp: open in this share of steps is alive, (0, 1)");
  bind.flag("--dynhp-plain", o.dynhp.plain,
            "dynhp: no vote, each client prunes alone; for comparison");
}

void bind_privacy(Binder& bind, PrivacyFlags& flags) {
  bind.group("Differential privacy");
  bind.value("--dp-clip", "S", flags.clip,
             "Longest update of a client, L2; needs --dp-noise, above 0");
  bind.value("--dp-noise", "Z", flags.noise, "Noise over S, above 0");
  bind.choice(
      "--dp-mode", {"server", "client"}, 0,
      [&flags](std::size_t index) { flags.mode = static_cast<federate::PrivacyMode>(index); },
      "Who adds it: the server to the sum, or each client to its update");
  bind.value("--dp-delta", "D", flags.delta, "Delta for which epsilon is told, (0, 1)");
  bind.value("--dp-target-epsilon", "E", flags.target, "End before the round that would exceed it");
}

Result<std::optional<federate::PrivacyOptions>> privacy_of(const PrivacyFlags& flags) {
  if (!flags.clip && !flags.noise && !flags.target) {
    return std::nullopt;
  }
  if (!flags.clip || !flags.noise) {
    return fail(Errc::kUsage, "differential privacy needs both --dp-clip and --dp-noise",
                "as in --dp-clip 1 --dp-noise 1.1");
  }
  federate::PrivacyOptions options;
  options.mode = flags.mode;
  options.clip = *flags.clip;
  options.noise = *flags.noise;
  options.delta = flags.delta;
  options.target_epsilon = flags.target;
  return std::optional(options);
}

void bind_secure(Binder& bind, federate::RoundRules& rules) {
  bind.group("Secure aggregation");
  bind.flag("--secure-aggregation", rules.secure,
            "Learn only the sum of updates; of marvel's clients alone");
  bind.value("--secure-threshold", "SHARE", rules.secure_threshold,
             "Share of a round's clients without which it is void, (0.5, 1]");
}

void bind_nus(Binder& bind, federate::NusOptions& o) {
  bind.choice(
      "--nus-mode", {"pre", "probe", "post"}, 0,
      [&o](std::size_t index) { o.mode = static_cast<federate::NusMode>(index); },
      "nus: draw from history, after clients told their loss, or after they trained");
  bind.choice(
      "--nus-sampling", {"systematic", "poisson"}, 0,
      [&o](std::size_t index) { o.sampling = static_cast<federate::NusSampling>(index); },
      "nus: draw a fixed number, or each client by a coin");
  bind.choice(
      "--nus-features", {"all", "availability", "none"}, 0,
      [&o](std::size_t index) { o.features = static_cast<federate::NusFeatures>(index); },
      "nus: what chances depend on; all but the first ignore data");
  bind.choice(
      "--nus-weights", {"present", "registered"}, 0,
      [&o](std::size_t index) { o.weights = static_cast<federate::NusWeights>(index); },
      "nus: the step is the mean of those that are there, or of all, the away as unchanged");
  bind.value("--nus-probes", "N", o.probes,
             "nus, probe: clients that tell their loss per round, in turn; 0: all");
  bind.value("--nus-min-probability", "P", o.min_probability,
             "nus: least chance of a client that is there, (0, 1]");
  bind.value("--nus-clip", "X", o.clip, "nus: largest correction of a weight, at least 1");
  bind.value("--nus-loss", "K", o.loss, "nus: strength of the loss factor, 0 for none");
  bind.value("--nus-variance", "K", o.variance, "nus: strength of the variance factor");
  bind.value("--nus-staleness", "K", o.staleness, "nus: strength of the staleness factor");
  bind.flag("--nus-memory", o.memory,
            "nus: remember on disk what each client changed last, and draw what is new");
  bind.flag("--nus-hajek", o.hajek, "nus: always divide by the sum of weights");
}

void bind_personal(Binder& bind, PersonalFlags& flags) {
  bind.group("Personal model");
  bind.value("--local-layers", "REGEX", flags.local_layers,
             "Tensors that stay here, as layer3.*; the same for all clients (FedPer)");
  bind.value("--ditto", "LAMBDA", flags.ditto,
             "Train a personal model too, pulled to the common one; above 0");
  bind.this_run_only(true);
  bind.value("--local-model", "FILE", flags.file, "Keep this client's own part here, as .npz")
      .files = Files::kFile;
  bind.this_run_only(false);
}

Result<std::unique_ptr<federate::Trainer>> personal_trainer(
    std::unique_ptr<federate::Trainer> inner, const PersonalFlags& flags) {
  if (!flags.local_layers.empty() && flags.ditto) {
    return fail(Errc::kUsage, "--local-layers and --ditto exclude each other");
  }
  if (!flags.local_layers.empty()) {
    return federate::keep_layers_local(std::move(inner), flags.local_layers, flags.file);
  }
  if (flags.ditto) {
    return federate::train_personal_too(std::move(inner), *flags.ditto, flags.file);
  }
  if (!flags.file.empty()) {
    return fail(Errc::kUsage, "--local-model needs --local-layers or --ditto");
  }
  return inner;
}

}  // namespace marvel::cli
