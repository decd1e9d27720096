#include "federate/simulate/options.hpp"

#include "federate/options.hpp"

#include <initializer_list>

namespace marvel::federate {
namespace {

struct Rule {
  bool holds;
  const char* says;
};

Status check(std::initializer_list<Rule> rules) {
  for (const auto& rule : rules) {
    if (!rule.holds) {
      return fail(Errc::kUsage, rule.says);
    }
  }
  return {};
}

bool is_share(double value) {
  return value >= 0 && value <= 1;
}

Status validate_faults(const SimulatedFaults& faults) {
  const bool available = faults.availability_low > 0 &&
                         faults.availability_low <= faults.availability_high &&
                         faults.availability_high <= 1;
  return check({{available, "--availability must be one or two ascending shares in (0, 1]"},
                {faults.cycle.count() > 0, "--cycle must be above 0"},
                {is_share(faults.dropout) && faults.dropout < 1, "--dropout must be in [0, 1)"},
                {is_share(faults.corrupt) && faults.corrupt < 1, "--corrupt must be in [0, 1)"},
                {is_share(faults.poison), "--poison must be in [0, 1]"},
                {is_share(faults.slow), "--slow must be in [0, 1]"},
                {faults.slow_factor >= 1, "--slow-factor must be at least 1"}});
}

// Noise by clients is their system's, so that no seed would give the same report twice.
Status validate_privacy(const PrivacyOptions& privacy, const RoundRules& rules) {
  if (privacy.mode == PrivacyMode::kClient) {
    return fail(Errc::kUsage, "--dp-mode client cannot be simulated",
                "with as many clients, noise on the sum is that of each divided by their root: "
                "simulate --dp-mode server");
  }
  return validate_private(rules);
}

}  // namespace

Status validate(const SimulateOptions& options) {
  constexpr int kMostClients = 100000;
  MARVEL_TRY_STATUS(validate(options.rules));
  MARVEL_TRY_STATUS(validate(accounted(options.strategy, options.rules)));
  if (options.strategy.privacy) {
    MARVEL_TRY_STATUS(validate_privacy(*options.strategy.privacy, options.rules));
  }
  MARVEL_TRY_STATUS(validate_faults(options.faults));
  if (options.strategy.kind == StrategyKind::kDynHp) {
    return fail(Errc::kUsage, "--strategy dynhp cannot be simulated: its clients need gates",
                "run it with marvel fedl server and client --model l0mlp");
  }
  const auto& link = options.link;
  return check({{options.clients >= 1 && options.clients <= kMostClients,
                 "--clients must be in [1, 100000]"},
                {link.bandwidth_up > 0, "--bandwidth-up must be above 0"},
                {link.bandwidth_down > 0, "--bandwidth-down must be above 0"},
                {link.latency.count() >= 0, "--latency must be at least 0"},
                {link.samples_per_second > 0, "--speed must be above 0"},
                {options.samples >= 1, "--samples must be at least 1"},
                {options.hidden >= 0, "--hidden must be at least 0"},
                {options.alpha > 0, "--alpha must be above 0"},
                {options.epochs >= 1, "--epochs must be at least 1"},
                {options.batch_size >= 1, "--batch-size must be at least 1"},
                {options.lr > 0, "--lr must be above 0"}});
}

}  // namespace marvel::federate
