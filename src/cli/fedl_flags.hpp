#pragma once

#include "cli/bind.hpp"
#include "federate/client/trainer.hpp"
#include "federate/privacy/options.hpp"
#include "federate/server/coordinator.hpp"
#include "federate/strategy/nus.hpp"

#include <memory>
#include <optional>
#include <string>

namespace marvel::cli {

// Flags of `marvel fedl` that are about one subject each.

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
