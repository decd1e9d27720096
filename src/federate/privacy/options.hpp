#pragma once

#include "base/result.hpp"
#include "federate/privacy/accountant.hpp"

#include <optional>
#include <vector>

namespace marvel::federate {

// Who adds the noise.
enum class PrivacyMode {
  kServer,  // central: the server is trusted, the models it sends are protected
  kClient,  // local: each update is protected before it leaves its client
};

// Differential privacy of whole clients. S = clip, z = noise.
//   kServer  clients are drawn by coins of probability q; updates are clipped to S and added up;
//            noise N(0, (z S)^2) is added to the sum, which is then divided by the fixed
//            `expected`. Adding or removing a client moves the sum by S at most, so the multiplier
//            is z
//   kClient  each client clips to S and adds N(0, (z S)^2) itself. Replacing one client's data
//            moves its update by 2 S at most, and who takes part is visible: the multiplier is
//            z / 2 and q = 1
//
// Epsilon of kServer is for adding or removing a client, of kClient for replacing its data; what
// clients tell beside their models (losses, numbers of examples) is in neither.
struct PrivacyOptions {
  PrivacyMode mode = PrivacyMode::kServer;
  double clip = 0;                       // S, > 0
  double noise = 0;                      // z, > 0
  double delta = 1e-5;                   // (0, 1)
  std::optional<double> target_epsilon;  // the run ends before the round that would exceed it; > 0
  // From the rules of rounds, the same over the whole run (see strategy_of in options.hpp).
  double sampling_rate = 1;  // q, (0, 1]
  double expected = 1;       // clients per round on average, > 0
};

// The parameters under which one round is accounted for: q and z, or 1 and z / 2 with kClient.
[[nodiscard]] double accounted_rate(const PrivacyOptions& options);
[[nodiscard]] double accounted_noise(const PrivacyOptions& options);

// kUsage, naming the flag and the allowed range; also when the first round alone would exceed the
// target. Draws are judged with the strategy (strategy.hpp) and the rules of rounds
// (../options.hpp).
Status validate(const PrivacyOptions& options);

// (epsilon, delta) after some rounds, for reports and checkpoints: `releases` is the account
// itself, from which a resumed run goes on, the rest is what people read.
struct PrivacyReport {
  PrivacyMode mode = PrivacyMode::kServer;
  double epsilon = 0;
  double delta = 0;
  double clip = 0;
  double noise = 0;          // as told to the run
  double sampling_rate = 1;  // likewise
  std::vector<Release> releases;
};

// The words of --dp-mode, in the order of PrivacyMode.
[[nodiscard]] const char* privacy_mode_name(PrivacyMode mode);

}  // namespace marvel::federate
