#include "federate/strategy/strategy.hpp"

#include "base/check.hpp"
#include "base/random.hpp"
#include "federate/strategy/nus_strategy.hpp"
#include "federate/strategy/private_mean.hpp"
#include "federate/strategy/robust.hpp"
#include "federate/strategy/spool.hpp"
#include "federate/strategy/weighted_sum.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

// The mean of the clients, and a step of the server towards it.
class MeanStrategy : public Strategy {
 public:
  MeanStrategy(const StrategyOptions& options, const OptimizerOptions& optimizer)
      : uniform_(options.uniform), optimizer_(optimizer) {
    if (options.kind == StrategyKind::kFedProx) {
      config_["proximal_mu"] = options.proximal_mu;
    }
  }

  [[nodiscard]] wire::Config fit_config() const override { return config_; }

  Status begin(const Model& global) override {
    global_ = &global;
    sum_.reset(global);
    return {};
  }
  Status add(const Update& update, const Contribution& contribution) override {
    if (optimizer_.squares()) {
      MARVEL_TRY_STATUS(check_squarable(update, *global_));
    }
    return sum_.add(update, uniform_ ? 1.0 : static_cast<double>(contribution.examples));
  }
  Result<Model> finish(const Model& global, const RoundFacts& facts) override {
    MARVEL_CHECK(sum_.total() > 0, "strategy: no update");
    auto mean = sum_.take_mean();
    MARVEL_TRY_STATUS(optimizer_.step(global, mean.model, mean.finite, facts.round));
    round_integers(mean.model);
    return std::move(mean.model);
  }

  [[nodiscard]] std::vector<const Model*> moments() const override { return optimizer_.moments(); }
  Status restore(std::vector<Model> moments, const Model& global) override {
    return optimizer_.restore(std::move(moments), global);
  }

 private:
  bool uniform_;
  wire::Config config_;
  ServerOptimizer optimizer_;
  WeightedSum sum_;
  const Model* global_ = nullptr;  // of the round that begin() has begun
};

// Median, trimmed mean, Krum: all updates of a round on disk, then looked at together.
class RobustStrategy : public Strategy {
 public:
  explicit RobustStrategy(StrategyOptions options) : options_(std::move(options)) {}

  Status begin(const Model& global) override {
    reference_ = zeros_like(global);
    weights_.clear();
    MARVEL_TRY(Spool spool, Spool::open(options_.spool, model_elements(global)));
    spool_ = std::make_unique<Spool>(std::move(spool));
    return {};
  }
  Status add(const Update& update, const Contribution& contribution) override {
    const double weight = options_.uniform ? 1.0 : static_cast<double>(contribution.examples);
    MARVEL_TRY_STATUS(check_summable(update, reference_, weight));
    MARVEL_TRY_STATUS(spool_->append(update, reference_));
    weights_.push_back(weight);
    return {};
  }
  Result<Model> finish(const Model& global, const RoundFacts& /*facts*/) override {
    switch (options_.kind) {
      case StrategyKind::kMedian:
        return coordinate_median(*spool_, global);
      case StrategyKind::kTrimmedMean:
        return trimmed_mean(*spool_, global, options_.trim);
      default:
        return krum(global);
    }
  }

 private:
  [[nodiscard]] Result<Model> krum(const Model& global) const {
    MARVEL_TRY(const auto scores,
               krum_scores(*spool_, static_cast<std::size_t>(options_.byzantine)));
    const auto chosen = lowest(scores, static_cast<std::size_t>(options_.keep));
    std::vector<double> weights;
    for (const auto index : chosen) {
      weights.push_back(weights_[index]);
    }
    return mean_of(*spool_, global, chosen, weights);
  }

  StrategyOptions options_;
  Model reference_;
  std::unique_ptr<Spool> spool_;  // of the round that begin() has begun
  std::vector<double> weights_;
};

OptimizerOptions optimizer_of(const StrategyOptions& options) {
  OptimizerOptions optimizer;
  optimizer.momentum = options.momentum;
  optimizer.beta1 = options.beta1;
  optimizer.beta2 = options.beta2;
  optimizer.bias_correction =
      options.adam_bias_correction && options.kind == StrategyKind::kFedAdam;
  optimizer.lr = options.server_lr.value_or(0.1);
  optimizer.tau = options.tau.value_or(1e-9);
  switch (options.kind) {
    case StrategyKind::kFedAvgM:
      optimizer.kind = OptimizerKind::kMomentum;
      optimizer.lr = options.server_lr.value_or(1.0);
      break;
    case StrategyKind::kFedAdam:
      optimizer.kind = OptimizerKind::kAdam;
      break;
    case StrategyKind::kFedYogi:
      optimizer.kind = OptimizerKind::kYogi;
      optimizer.lr = options.server_lr.value_or(0.01);
      optimizer.tau = options.tau.value_or(1e-3);
      break;
    case StrategyKind::kFedAdagrad:
      optimizer.kind = OptimizerKind::kAdagrad;
      break;
    default:
      break;
  }
  return optimizer;
}

// Whether the strategy is a mean and a step of the server towards it.
bool is_mean(StrategyKind kind) {
  return kind <= StrategyKind::kFedAdagrad;
}

Status want(bool fine, const char* flag, const char* range) {
  return fine ? Status{} : fail(Errc::kUsage, fmt::format("{} must be {}", flag, range));
}

// Privacy goes with strategies whose draws and means the accountant knows.
Status validate_private(const StrategyOptions& o, const PrivacyOptions& privacy) {
  // Without regard to data NUS is a draw like that of the accountant, or one with smaller chances.
  const bool blind = o.kind == StrategyKind::kNus && o.nus.features != NusFeatures::kAll &&
                     o.nus.mode == NusMode::kPre && !o.nus.memory &&
                     privacy.mode == PrivacyMode::kServer;
  if (!is_mean(o.kind) && !blind) {
    return fail(Errc::kUsage,
                fmt::format("--dp-clip and --strategy {} exclude each other: the accountant only "
                            "holds for noised means of clients drawn without regard to their data",
                            strategy_names()[static_cast<std::size_t>(o.kind)]),
                o.kind == StrategyKind::kNus
                    ? "use --nus-features none or availability with --nus-mode pre and --dp-mode "
                      "server and without --nus-memory, or --strategy fedavg"
                    : "use --strategy fedavg, or one of its optimisers such as fedadam");
  }
  return validate(privacy);
}

}  // namespace

const std::vector<std::string>& strategy_names() {
  static const std::vector<std::string> kNames{"fedavg",  "fedavgm",    "fedprox", "fedadam",
                                               "fedyogi", "fedadagrad", "median",  "trimmed-mean",
                                               "krum",    "nus",        "dynhp"};
  return kNames;
}

Status validate(const StrategyOptions& o) {
  MARVEL_TRY_STATUS(want(o.server_lr.value_or(1) > 0, "--server-lr", "above 0"));
  MARVEL_TRY_STATUS(want(o.momentum >= 0 && o.momentum < 1, "--server-momentum", "in [0, 1)"));
  MARVEL_TRY_STATUS(want(o.beta1 >= 0 && o.beta1 < 1, "--beta1", "in [0, 1)"));
  MARVEL_TRY_STATUS(want(o.beta2 >= 0 && o.beta2 < 1, "--beta2", "in [0, 1)"));
  MARVEL_TRY_STATUS(want(o.tau.value_or(1) > 0, "--tau", "above 0"));
  MARVEL_TRY_STATUS(want(o.proximal_mu >= 0, "--proximal-mu", "at least 0"));
  MARVEL_TRY_STATUS(want(o.trim >= 0 && o.trim < 0.5, "--trim", "in [0, 0.5)"));
  MARVEL_TRY_STATUS(want(o.byzantine >= 0, "--byzantine", "at least 0"));
  MARVEL_TRY_STATUS(want(o.keep >= 1, "--krum-keep", "at least 1"));
  MARVEL_TRY_STATUS(want(o.nus.min_probability > 0 && o.nus.min_probability <= 1,
                         "--nus-min-probability", "in (0, 1]"));
  MARVEL_TRY_STATUS(want(o.nus.clip >= 1, "--nus-clip", "at least 1"));
  if (o.nus.memory && o.nus.hajek) {
    return fail(Errc::kUsage, "--nus-memory and --nus-hajek exclude each other",
                "what is remembered has made the draw's weights matter less");
  }
  MARVEL_TRY_STATUS(want(o.dynhp.vote >= 0 && o.dynhp.vote <= 1, "--dynhp-vote", "in [0, 1]"));
  MARVEL_TRY_STATUS(want(o.dynhp.patience >= 1, "--dynhp-patience", "at least 1"));
  MARVEL_TRY_STATUS(
      want(o.dynhp.threshold > 0 && o.dynhp.threshold < 1, "--dynhp-threshold", "in (0, 1)"));
  return o.privacy ? validate_private(o, *o.privacy) : Status{};
}

Selection Strategy::choose(std::span<const std::string> present, const Histories& /*histories*/,
                           std::uint64_t /*round*/, std::size_t wanted, std::uint64_t key) const {
  std::vector<std::uint32_t> order(present.size());
  random_permutation(key, order);
  order.resize(std::min(wanted, order.size()));
  std::sort(order.begin(), order.end());
  Selection selection;
  for (const auto i : order) {
    selection.picks.push_back(
        {present[i], static_cast<double>(order.size()) / static_cast<double>(present.size())});
  }
  return selection;
}

Status Strategy::restore(std::vector<Model> moments, const Model& /*global*/) {
  if (const auto unused = std::move(moments); !unused.empty()) {
    return fail(Errc::kInput, "the checkpoint was written with another strategy",
                "resume with the same --strategy");
  }
  return {};
}

wire::Parameters Strategy::outgoing(const std::string& /*client*/,
                                    const std::shared_ptr<const Model>& model,
                                    wire::Config& /*config*/) const {
  return encode_parameters(model);
}

Result<Update> Strategy::open(const std::string& /*client*/, const wire::FitResult& result,
                              const Model& global) {
  return Update::check(result.parameters, global);
}

Status Strategy::restore_privacy(const std::optional<PrivacyReport>& account,
                                 std::uint64_t /*rounds*/) {
  if (account && !account->releases.empty()) {
    return fail(Errc::kInput, "this run is differentially private and would not stay so",
                "resume with the same --dp-clip and --dp-noise");
  }
  return {};
}

std::unique_ptr<Strategy> make_strategy(const StrategyOptions& options,
                                        std::unique_ptr<SecretRandom> random) {
  if (options.privacy) {
    return make_private_mean(options, optimizer_of(options), std::move(random));
  }
  switch (options.kind) {
    case StrategyKind::kNus:
      return make_nus(options);
    case StrategyKind::kDynHp:
      return make_dynhp(options);
    case StrategyKind::kMedian:
    case StrategyKind::kTrimmedMean:
    case StrategyKind::kKrum:
      return std::make_unique<RobustStrategy>(options);
    default:
      return std::make_unique<MeanStrategy>(options, optimizer_of(options));
  }
}

}  // namespace marvel::federate
