#include "federate/strategy/nus_strategy.hpp"

#include "base/check.hpp"
#include "federate/strategy/nus.hpp"
#include "federate/strategy/update_memory.hpp"
#include "federate/strategy/weighted_sum.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <type_traits>
#include <utility>

namespace marvel::federate {
namespace {

// Streams because the sum is sum c_k x_k - (sum c_k) x. In a round where a weight had to be
// clipped, or when asked to, the coefficients are divided by their sum (Hajek 1971).
class NusStrategy : public Strategy {
 public:
  explicit NusStrategy(const StrategyOptions& options)
      : nus_(options.nus), lr_(options.server_lr.value_or(1.0)) {}

  [[nodiscard]] Selection choose(std::span<const std::string> present, const Histories& histories,
                                 std::uint64_t round, std::size_t wanted,
                                 std::uint64_t key) const override {
    Selection selection;
    if (present.empty()) {
      return selection;
    }
    selection.factors = nus_factors(present, histories, round, wanted, nus_);
    std::vector<double> scores;
    for (const auto& row : selection.factors) {
      scores.push_back(row.score);
    }
    const auto probabilities =
        inclusion_probabilities(scores, static_cast<double>(wanted), nus_.min_probability);
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      auto& row = selection.factors[i];
      row.probability = probabilities[i];
      row.correction = std::min(nus_.clip, correction(row.probability, row.response));
    }
    const auto drawn = draws_by_coins() ? poisson_sample(probabilities, key)
                                        : systematic_sample(probabilities, key);
    for (const auto i : drawn) {
      selection.picks.push_back({present[i], probabilities[i]});
    }
    return selection;
  }
  [[nodiscard]] bool draws_by_coins() const override {
    return nus_.sampling == NusSampling::kPoisson;
  }
  [[nodiscard]] Asking asking() const override {
    switch (nus_.mode) {
      case NusMode::kProbe:
        return Asking::kProbeFirst;
      case NusMode::kPost:
        return Asking::kTrainFirst;
      case NusMode::kPre:
        break;
    }
    return Asking::kDrawFirst;
  }
  [[nodiscard]] std::size_t probes() const override { return nus_.probes; }
  [[nodiscard]] std::optional<double> added_size(const Update& update,
                                                 const Model& global) const override {
    const auto elements = static_cast<double>(std::max<std::size_t>(1, model_elements(global)));
    return std::sqrt(squared_distance(update, global) / elements);
  }

  Status begin(const Model& global) override {
    sum_.reset(global);
    clipped_ = false;
    return {};
  }
  Status add(const Update& update, const Contribution& contribution) override {
    const double factor = correction(contribution.inclusion, contribution.response);
    const auto examples = static_cast<double>(contribution.examples);
    MARVEL_TRY_STATUS(sum_.add(update, examples * std::min(factor, nus_.clip)));
    clipped_ = clipped_ || factor > nus_.clip;
    return {};
  }
  Result<Model> finish(const Model& global, const RoundFacts& facts) override {
    const double weights = sum_.total();
    if (weights == 0) {
      MARVEL_CHECK(draws_by_coins(), "strategy: no update");
      return global;  // no coin fell: the estimate of the step is zero
    }
    const double divisor = clipped_ || nus_.hajek                    ? weights
                           : nus_.weights == NusWeights::kRegistered ? facts.all_examples
                                                                     : facts.present_examples;
    Model next = sum_.take();
    for (std::size_t t = 0; t < global.size(); ++t) {
      std::visit([&](auto& to) { step(global[t], weights, lr_ / divisor, to); }, next[t].values);
    }
    if (!all_finite(next)) {
      return fail(Errc::kFailed,
                  "the mean of the clients' models is too large for its type of number");
    }
    round_integers(next);
    return next;
  }

 protected:
  NusOptions nus_;
  double lr_;

 private:
  template <class Values>
  static void step(const Tensor& global, double weights, double scale, Values& to) {
    using T = typename Values::value_type;
    const auto& x = std::get<Values>(global.values);
    for (std::size_t i = 0; i < x.size(); ++i) {
      to[i] = x[i] + static_cast<T>(scale) * (to[i] - static_cast<T>(weights) * x[i]);
    }
  }

  WeightedSum sum_;
  bool clipped_ = false;
};

// With memory. A clipped weight is left as it is: it brings less of the news of one client, while
// what is remembered of it counts in full.
class NusMemoryStrategy : public NusStrategy {
 public:
  explicit NusMemoryStrategy(const StrategyOptions& options)
      : NusStrategy(options), folder_(options.spool) {}

  void forget(const std::string& client) override {
    if (memory_) {
      memory_->forget(client);
    }
  }
  [[nodiscard]] std::optional<double> added_size(const Update& /*update*/,
                                                 const Model& /*global*/) const override {
    return news_;
  }

  Status begin(const Model& global) override {
    global_ = &global;
    step_ = zeros_like(global);
    if (!memory_) {
      MARVEL_TRY(auto memory, UpdateMemory::open(folder_, global));
      memory_ = std::make_unique<UpdateMemory>(std::move(memory));
    }
    return memory_->begin();
  }
  Status add(const Update& update, const Contribution& contribution) override {
    const auto examples = static_cast<double>(contribution.examples);
    const double weight =
        examples * std::min(nus_.clip, correction(contribution.inclusion, contribution.response));
    MARVEL_TRY_STATUS(check_summable(update, step_, weight));
    MARVEL_TRY_STATUS(memory_->keep(contribution.client, examples, update, *global_));
    MARVEL_TRY(news_, memory_->add_news(contribution.client, weight, step_));
    return {};
  }
  Result<Model> finish(const Model& global, const RoundFacts& facts) override {
    Model next = std::move(step_);
    for (std::size_t t = 0; t < global.size(); ++t) {
      std::visit(
          [&](auto& to) {
            using Values = std::decay_t<decltype(to)>;
            step(std::get<Values>(global[t].values), std::get<Values>(memory_->sum()[t].values),
                 lr_ / facts.all_examples, to);
          },
          next[t].values);
    }
    if (!all_finite(next)) {
      return fail(Errc::kFailed,
                  "the mean of the clients' models is too large for its type of number");
    }
    MARVEL_TRY_STATUS(memory_->commit());
    round_integers(next);
    return next;
  }

 private:
  template <class Values>
  static void step(const Values& x, const Values& remembered, double scale, Values& to) {
    const auto rate = static_cast<typename Values::value_type>(scale);
    for (std::size_t i = 0; i < x.size(); ++i) {
      to[i] = x[i] + rate * (remembered[i] + to[i]);
    }
  }

  std::filesystem::path folder_;
  std::unique_ptr<UpdateMemory> memory_;  // from the first begin() on
  const Model* global_ = nullptr;         // of the round that begin() has begun
  Model step_;
  double news_ = 0;  // size of what add() has brought last
};

}  // namespace

std::unique_ptr<Strategy> make_nus(const StrategyOptions& options) {
  if (options.nus.memory) {
    return std::make_unique<NusMemoryStrategy>(options);
  }
  return std::make_unique<NusStrategy>(options);
}

}  // namespace marvel::federate
