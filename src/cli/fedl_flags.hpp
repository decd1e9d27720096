#pragma once

#include "base/env.hpp"
#include "cli/bind.hpp"
#include "federate/client/trainer.hpp"
#include "federate/privacy/options.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/strategy/nus.hpp"
#include "federate/strategy/strategy.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace marvel::cli {

// Flags of `marvel fedl` that are about one subject each.

// A duration with a unit ("300s"), or nothing.
OptionNotes& bind_duration(Binder& bind, const std::string& names,
                           std::optional<std::chrono::milliseconds>& target,
                           const std::string& help);

// For tests alone, of server and client: $MARVEL_TESTING_CHUNK; messages of more bytes go in parts.
Status read_chunk(const Environment& environment, std::size_t& chunk);

// Of the server and of a simulation: the course of rounds.
struct RoundFlags {
  federate::RoundRules rules;
  std::optional<std::chrono::milliseconds> grace;
  bool no_evaluate = false;
};
void bind_rounds(Binder& bind, RoundFlags& flags);
federate::RoundRules rules_of(const RoundFlags& flags);
// --update-encoding and what it needs.
void bind_encoding(Binder& bind, federate::RoundRules& rules);
// --strategy, and the settings of all strategies.
void bind_strategy_name(Binder& bind, federate::StrategyOptions& options);
void bind_strategy(Binder& bind, federate::StrategyOptions& options);

// Of the server. Differential privacy is on where a clip, a noise or a target is given.
struct PrivacyFlags {
  std::optional<double> clip;
  std::optional<double> noise;
  std::optional<double> target;
  double delta = federate::PrivacyOptions{}.delta;
  federate::PrivacyMode mode = federate::PrivacyMode::kServer;
};
void bind_privacy(Binder& bind, PrivacyFlags& flags);
// kUsage when only a part is given.
Result<std::optional<federate::PrivacyOptions>> privacy_of(const PrivacyFlags& flags);

// Of the server: rounds by secure sums.
void bind_secure(Binder& bind, federate::RoundRules& rules);

// Of the server: how `--strategy nus` chooses.
void bind_nus(Binder& bind, federate::NusOptions& options);

// Of the client: a model of its own beside the common one (federate/client/personal.hpp).
struct PersonalFlags {
  std::string local_layers;
  std::optional<double> ditto;
  std::string file;
};
void bind_personal(Binder& bind, PersonalFlags& flags);
// `inner` itself where no flag is given. kUsage for flags that exclude each other.
Result<std::unique_ptr<federate::Trainer>> personal_trainer(
    std::unique_ptr<federate::Trainer> inner, const PersonalFlags& flags);

}  // namespace marvel::cli
