#include "federate/strategy/private_mean.hpp"

#include "base/check.hpp"
#include "federate/privacy/update_privacy.hpp"
#include "federate/strategy/weighted_sum.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

Status not_private(std::uint64_t rounds) {
  return fail(
      Errc::kInput,
      fmt::format("the first {} rounds of this run were not differentially private", rounds),
      "start a new run, with its --initial from data that need no protection");
}

// What both modes share: the budget.
class PrivateStrategy : public Strategy {
 public:
  PrivateStrategy(const StrategyOptions& options, const OptimizerOptions& optimizer)
      : privacy_(options.privacy.value_or(PrivacyOptions{})), optimizer_(optimizer) {
    if (options.kind == StrategyKind::kFedProx) {
      config_["proximal_mu"] = options.proximal_mu;
    }
    config_[kClipSetting] = privacy_.clip;
  }

  [[nodiscard]] wire::Config fit_config() const override { return config_; }
  [[nodiscard]] std::vector<const Model*> moments() const override { return optimizer_.moments(); }
  Status restore(std::vector<Model> moments, const Model& global) override {
    return optimizer_.restore(std::move(moments), global);
  }

  [[nodiscard]] std::optional<PrivacyReport> privacy() const override {
    const auto loss = privacy_loss(releases_, privacy_.delta);
    return PrivacyReport{privacy_.mode,  loss.epsilon,           privacy_.delta, privacy_.clip,
                         privacy_.noise, privacy_.sampling_rate, releases_};
  }
  // Rounds of an account may be more than its releases: nothing private came in them.
  Status restore_privacy(const std::optional<PrivacyReport>& account,
                         std::uint64_t rounds) override {
    if (!account) {
      return rounds == 0 ? Status{} : not_private(rounds);
    }
    if (account->mode != privacy_.mode && !account->releases.empty()) {
      const char* begun = privacy_mode_name(account->mode);
      return fail(Errc::kInput,
                  fmt::format("this run was begun with --dp-mode {}, and its epsilon means "
                              "something else than that of --dp-mode {}",
                              begun, privacy_mode_name(privacy_.mode)),
                  fmt::format("resume with --dp-mode {}, or start a new run", begun));
    }
    releases_ = account->releases;
    return {};
  }
  [[nodiscard]] bool exhausted() const override {
    if (!privacy_.target_epsilon) {
      return false;
    }
    auto next = releases_;
    add_round(next, accounted_rate(privacy_), accounted_noise(privacy_));
    return privacy_loss(next, privacy_.delta).epsilon > *privacy_.target_epsilon;
  }

 protected:
  // Turns the noised mean into the next model.
  Result<Model> step(const Model& global, Model mean, std::uint64_t round) {
    MARVEL_TRY_STATUS(optimizer_.step(global, mean, all_finite(mean), round));
    round_integers(mean);
    return mean;
  }
  void note_release() { add_round(releases_, accounted_rate(privacy_), accounted_noise(privacy_)); }

  PrivacyOptions privacy_;
  wire::Config config_;

 private:
  ServerOptimizer optimizer_;
  std::vector<Release> releases_;
};

class CentralPrivacy : public PrivateStrategy {
 public:
  CentralPrivacy(const StrategyOptions& options, const OptimizerOptions& optimizer,
                 std::unique_ptr<SecretRandom> random)
      : PrivateStrategy(options, optimizer),
        is_nus_(options.kind == StrategyKind::kNus),
        by_availability_(is_nus_ && options.nus.features == NusFeatures::kAvailability),
        random_(std::move(random)) {}

  // A coin per client. It must not follow from the seed of the run: who knows which clients were
  // asked knows more than the accountant assumes. By availability chances are lower than the rate
  // of the account, and each depends on nothing but that client's own coming and going.
  [[nodiscard]] Selection choose(std::span<const std::string> present, const Histories& histories,
                                 std::uint64_t /*round*/, std::size_t /*wanted*/,
                                 std::uint64_t /*key*/) const override {
    MARVEL_CHECK(random_ != nullptr, "privacy: begin() comes before choose()");
    Selection selection;
    for (const auto& client : present) {
      const double chance = privacy_.sampling_rate * share_of_rate(histories, client);
      if (is_nus_) {
        selection.factors.push_back(factors_of(histories, client, chance));
      }
      if (secret_coin(*random_, chance)) {
        selection.picks.push_back({client, chance});
      }
    }
    return selection;
  }
  [[nodiscard]] bool draws_by_coins() const override { return true; }

  Status begin(const Model& global) override {
    if (!random_) {
      MARVEL_TRY(random_, system_random());
    }
    sums_.clear();
    for (const auto& tensor : global) {
      sums_.emplace_back(tensor.size());
    }
    global_ = &global;
    return {};
  }

  Status add(const Update& update, const Contribution& /*contribution*/) override {
    constexpr std::size_t kBlock = 2048;
    std::array<double, kBlock> block{};
    const double factor = clip_factor(update_length(update, *global_), privacy_.clip);
    for (std::size_t t = 0; t < sums_.size(); ++t) {
      auto& sum = sums_[t];
      for (std::size_t first = 0; first < sum.size(); first += kBlock) {
        const auto part = std::span(block).first(std::min(kBlock, sum.size() - first));
        update.read(t, first, part);
        for (std::size_t i = 0; i < part.size(); ++i) {
          sum[first + i] += factor * (part[i] - (*global_)[t].at(first + i));
        }
      }
    }
    return {};
  }

  // Also without any update: a round in which no coin fell is a release like any other.
  Result<Model> finish(const Model& global, const RoundFacts& facts) override {
    const double deviation = privacy_.noise * privacy_.clip;
    const double grid = snap_step(deviation);
    Model mean = zeros_like(global);
    std::vector<double> noise;
    for (std::size_t t = 0; t < global.size(); ++t) {
      noise.resize(sums_[t].size());
      gaussian(*random_, deviation, noise);
      std::visit(
          [&](auto& to) {
            for (std::size_t i = 0; i < to.size(); ++i) {
              const double sum = snap(sums_[t][i] + noise[i], grid);
              to[i] = static_cast<std::decay_t<decltype(to[i])>>(global[t].at(i) +
                                                                 sum / privacy_.expected);
            }
          },
          mean[t].values);
    }
    sums_.clear();
    MARVEL_TRY(Model next, step(global, std::move(mean), facts.round));
    note_release();
    return next;
  }

 private:
  // For the log. All that looks at data is 1, as is each weight in the sum.
  [[nodiscard]] NusFactors factors_of(const Histories& histories, const std::string& client,
                                      double chance) const {
    NusFactors row;
    row.client = client;
    row.weight = row.norm = 1;
    if (const auto found = histories.find(client); found != histories.end()) {
      row.availability = found->second.availability;
      row.response = found->second.response;
    }
    row.rarity = row.score = by_availability_ ? rarity(row.availability) : 1;
    row.probability = chance;
    return row;
  }
  [[nodiscard]] double share_of_rate(const Histories& histories, const std::string& client) const {
    const auto found = histories.find(client);
    const double availability = found == histories.end() ? 1 : found->second.availability;
    return by_availability_ ? rarity(availability) / rarity(0) : 1;
  }

  bool is_nus_;
  bool by_availability_;
  std::unique_ptr<SecretRandom> random_;
  std::vector<std::vector<double>> sums_;  // of clipped updates; float32 would blur the clip
  const Model* global_ = nullptr;          // of the round that begin() has begun
};

class LocalPrivacy : public PrivateStrategy {
 public:
  LocalPrivacy(const StrategyOptions& options, const OptimizerOptions& optimizer)
      : PrivateStrategy(options, optimizer) {
    config_[kNoiseSetting] = privacy_.clip * privacy_.noise;
  }

  Status begin(const Model& global) override {
    global_ = &global;
    sum_.reset(global);
    noted_ = false;
    return {};
  }
  // The first private update of a round makes it a release: the server has seen it, whatever
  // becomes of the round.
  Result<Update> open(const std::string& client, const wire::FitResult& result,
                      const Model& global) override {
    const auto told = result.metrics.find(kPrivateMetric);
    if (told == result.metrics.end() || told->second != wire::Scalar(true)) {
      return fail(Errc::kInput, "it does not say that it added noise",
                  "--dp-mode client needs marvel's clients; use --dp-mode server for others");
    }
    if (!std::exchange(noted_, true)) {
      note_release();
    }
    return Strategy::open(client, result, global);
  }
  Status add(const Update& update, const Contribution& /*contribution*/) override {
    MARVEL_TRY_STATUS(check_squarable(update, *global_));
    return sum_.add(update, 1);
  }
  Result<Model> finish(const Model& global, const RoundFacts& facts) override {
    const double clients = sum_.total();
    Model mean = sum_.take();
    transform(mean, [clients](auto x) { return x / static_cast<decltype(x)>(clients); });
    return step(global, std::move(mean), facts.round);
  }

 private:
  // Of the round that begin() has begun.
  WeightedSum sum_;
  const Model* global_ = nullptr;
  bool noted_ = false;  // in the account
};

}  // namespace

std::unique_ptr<Strategy> make_private_mean(const StrategyOptions& options,
                                            const OptimizerOptions& optimizer,
                                            std::unique_ptr<SecretRandom> random) {
  if (options.privacy && options.privacy->mode == PrivacyMode::kClient) {
    return std::make_unique<LocalPrivacy>(options, optimizer);
  }
  return std::make_unique<CentralPrivacy>(options, optimizer, std::move(random));
}

}  // namespace marvel::federate
