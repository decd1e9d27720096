#include "cli/fedl_flags.hpp"

#include "cli/command.hpp"
#include "federate/client/personal.hpp"

#include <utility>

namespace marvel::cli {

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
  bind.value("--nus-probes", "N", o.probes,
             "nus, probe: clients that tell their loss per round, in turn; 0: all");
  bind.value("--nus-min-probability", "P", o.min_probability,
             "nus: least chance of a client that is there, (0, 1]");
  bind.value("--nus-clip", "X", o.clip, "nus: largest correction of a weight, at least 1");
  bind.value("--nus-loss", "K", o.loss, "nus: strength of the loss factor, 0 for none");
  bind.value("--nus-variance", "K", o.variance, "nus: strength of the variance factor");
  bind.value("--nus-staleness", "K", o.staleness, "nus: strength of the staleness factor");
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
