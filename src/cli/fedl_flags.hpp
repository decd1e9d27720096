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

// Flags of `marvel fedl` that are about one subject each, so that server, client and simulation
// bind those that they have. A subject is a struct where the library's own options do not do as a
// target, a bind_ function, and one that makes the library's options of it once all is parsed.
// Allowed ranges are the library's to check (validate() of federate/options.hpp), so that all ways
// in have the same; here stands what flags alone can get wrong. Targets must outlive the tree's
// last parse.
//
// A duration with a unit ("300s"), or nothing. Help shows no default for it, so `help` tells one.
OptionNotes& bind_duration(Binder& bind, const std::string& names,
                           std::optional<std::chrono::milliseconds>& target,
                           const std::string& help);

// For tests alone, of server and client: $MARVEL_TESTING_CHUNK; messages of more bytes go in parts.
// `chunk` stays as it is without the variable, and is at least 1. kInput for what is no number.
Status read_chunk(const Environment& environment, std::size_t& chunk);

// Of the server and of a simulation: the course of rounds. Fields that other flags set are in
// `rules` already; the two below need a word of their own.
struct RoundFlags {
  federate::RoundRules rules;
  // Without it that of RoundRules.
  std::optional<std::chrono::milliseconds> grace;
  bool no_evaluate = false;
};
void bind_rounds(Binder& bind, RoundFlags& flags);
federate::RoundRules rules_of(const RoundFlags& flags);
// --update-encoding and what it needs. How updates travel back; clients of other programs send all.
void bind_encoding(Binder& bind, federate::RoundRules& rules);
// --strategy, and the settings of all strategies.
void bind_strategy_name(Binder& bind, federate::StrategyOptions& options);
// Settings of strategies that are not chosen are without effect, so they may stay in a file.
void bind_strategy(Binder& bind, federate::StrategyOptions& options);

// Of the server and of a simulation. Differential privacy is on where a clip, a noise or a target
// is given; federate/privacy/options.hpp has what the letters mean.
struct PrivacyFlags {
  // S, the longest update of a client.
  std::optional<double> clip;
  // z, the noise over S.
  std::optional<double> noise;
  // The epsilon that ends a run before it is exceeded; none: it is only told.
  std::optional<double> target;
  double delta = federate::PrivacyOptions{}.delta;
  federate::PrivacyMode mode = federate::PrivacyMode::kServer;
};
void bind_privacy(Binder& bind, PrivacyFlags& flags);
// kUsage when only a part is given. Nothing where none of the three is given: a mode or a delta
// alone turns nothing on.
Result<std::optional<federate::PrivacyOptions>> privacy_of(const PrivacyFlags& flags);

// Of the server: rounds by secure sums. It works with marvel's clients alone.
void bind_secure(Binder& bind, federate::RoundRules& rules);

// Of the server: how `--strategy nus` chooses.
void bind_nus(Binder& bind, federate::NusOptions& options);

// Of the client: a model of its own beside the common one (federate/client/personal.hpp). FedPer
// and Ditto exclude each other.
struct PersonalFlags {
  // FedPer: a regular expression for names of tensors; empty: none stays here.
  std::string local_layers;
  // Ditto: how strongly the personal model is pulled to the common one, above 0.
  std::optional<double> ditto;
  // Where the client's own part is kept over restarts; empty: in memory alone.
  std::string file;
};
void bind_personal(Binder& bind, PersonalFlags& flags);
// `inner` itself where no flag is given. kUsage for flags that exclude each other. Takes `inner`
// over, on failure, too. Further failures are those of federate/client/personal.hpp.
Result<std::unique_ptr<federate::Trainer>> personal_trainer(
    std::unique_ptr<federate::Trainer> inner, const PersonalFlags& flags);

}  // namespace marvel::cli
