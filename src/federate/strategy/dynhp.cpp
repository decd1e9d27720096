// A round: open() reads who of a client's units are alive, add() sums, finish() votes and cuts.
#include "federate/strategy/dynhp.hpp"

#include "base/check.hpp"
#include "federate/strategy/gated_model.hpp"
#include "federate/strategy/strategy.hpp"
#include "federate/strategy/weighted_sum.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

using Alive = std::vector<std::vector<bool>>;  // per layer and input

// P(gate > 0), Louizos et al. 2018; the shift is that of model/hard_concrete.hpp.
double open_probability(double log_alpha) {
  return 1 / (1 + std::exp(-(log_alpha + 1.598597)));
}

// A client's own measurement, or what the gates it sends stand for.
Result<std::vector<double>> activities(const wire::FitResult& result, const Model& model,
                                       const GatedLayout& layout) {
  std::vector<double> values;
  const auto told = result.metrics.find(kActivityMetric);
  if (told == result.metrics.end()) {
    for (std::size_t l = 0; l < layout.layers(); ++l) {
      for (std::size_t i = 0; i < layout.inputs[l]; ++i) {
        values.push_back(open_probability(model[3 * l + 2].at(i)));
      }
    }
    return values;
  }
  const auto* blob = std::get_if<wire::Blob>(&told->second);
  if (blob == nullptr || blob->bytes.size() != layout.gates() * sizeof(float)) {
    return fail(Errc::kInput, fmt::format("{} does not have one number per gate", kActivityMetric));
  }
  for (std::size_t i = 0; i < layout.gates(); ++i) {
    float value = 0;
    std::memcpy(&value, blob->bytes.data() + i * sizeof value, sizeof value);
    const bool is_rate = value >= 0 && value <= 1;
    if (!is_rate) {
      return fail(Errc::kInput,
                  fmt::format("{} holds a number outside of [0, 1]", kActivityMetric));
    }
    values.push_back(static_cast<double>(value));
  }
  return values;
}

class DynHp : public Strategy {
 public:
  explicit DynHp(const StrategyOptions& options)
      : options_(options.dynhp), uniform_(options.uniform) {}

  [[nodiscard]] wire::Config fit_config() const override {
    return options_.plain ? wire::Config{{kPruneAloneSetting, options_.threshold}} : wire::Config{};
  }

  [[nodiscard]] std::shared_ptr<const Model> whole(
      const std::shared_ptr<const Model>& model) const override {
    return is_whole() ? model
                      : std::make_shared<const Model>(spread_positions(*model, kept_, full_));
  }

  [[nodiscard]] wire::Parameters outgoing(const std::string& client,
                                          const std::shared_ptr<const Model>& model,
                                          wire::Config& config) const override {
    if (is_whole()) {
      return encode_parameters(model);
    }
    if (!shrinkers_.contains(client)) {
      return encode_parameters(reference(client, model));
    }
    wire::Blob pixels;
    for (const auto pixel : kept_[0]) {
      const auto number = static_cast<std::int32_t>(pixel);
      pixels.bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    config[kPixelsSetting] = std::move(pixels);
    return encode_parameters(model);
  }

  [[nodiscard]] std::shared_ptr<const Model> reference(
      const std::string& client, const std::shared_ptr<const Model>& model) const override {
    return shrinkers_.contains(client) ? model : whole(model);
  }

  Status begin(const Model& global) override;
  Result<Update> open(const std::string& client, const wire::FitResult& result,
                      const Model& global) override;
  Status add(const Update& update, const Contribution& contribution) override;
  Result<Model> finish(const Model& global, const RoundFacts& facts) override;

  [[nodiscard]] std::vector<const Model*> moments() const override {
    return {&kept_model_, &strikes_model_};
  }
  Status restore(std::vector<Model> moments, const Model& global) override;

 private:
  [[nodiscard]] bool is_whole() const { return kept_.empty() || layout_ == full_; }
  Result<Model> compact(const wire::FitResult& result, const Model& global);
  void add_rows(const Update& update, std::size_t layer, double weight);
  [[nodiscard]] Positions survivors();
  void cut(const Positions& positions);
  void note_state();

  DynHpOptions options_;
  bool uniform_;
  GatedLayout full_;                       // at the start of the run
  GatedLayout layout_;                     // now
  Positions kept_;                         // original positions of what is left
  std::vector<std::vector<int>> strikes_;  // rounds in which the vote was lost, in a row
  std::set<std::string> shrinkers_;        // clients that can train smaller models
  Model kept_model_;                       // both as they are checkpointed
  Model strikes_model_;

  // The round under way.
  Alive alive_;  // of the update that open() has read last
  Model sum_;
  Model weights_;                           // per element
  std::vector<std::vector<double>> votes_;  // weights of clients for which a unit is alive
  double total_ = 0;
};

Status DynHp::begin(const Model& global) {
  MARVEL_TRY(layout_, gated_layout(global));
  if (kept_.empty()) {
    full_ = layout_;
    kept_ = all_positions(layout_);
    for (const auto count : layout_.inputs) {
      strikes_.emplace_back(count);
    }
    note_state();
  }
  sum_ = zeros_like(global);
  weights_ = zeros_like(global);
  votes_.clear();
  for (const auto count : layout_.inputs) {
    votes_.emplace_back(count);
  }
  total_ = 0;
  return {};
}

// The client's model in today's size: as it is, or the part that is left of one at the first size.
Result<Model> DynHp::compact(const wire::FitResult& result, const Model& global) {
  auto fits = Update::check(result.parameters, global);
  if (fits) {
    return decode_parameters(result.parameters);
  }
  const Model full = spread_positions(global, kept_, full_);
  if (layout_ == full_ || !Update::check(result.parameters, full)) {
    return fail(std::move(fits.error()));
  }
  MARVEL_TRY(const Model model, decode_parameters(result.parameters));
  return keep_positions(model, kept_);
}

Result<Update> DynHp::open(const std::string& client, const wire::FitResult& result,
                           const Model& global) {
  MARVEL_TRY(Model model, compact(result, global));
  const bool whole = result.parameters.tensors.size() == global.size() &&
                     !Update::check(result.parameters, global);
  const GatedLayout& sent = whole ? full_ : layout_;
  MARVEL_TRY(const Model as_sent, decode_parameters(result.parameters));
  MARVEL_TRY(const auto rates, activities(result, as_sent, sent));
  alive_.clear();
  std::size_t first = 0;
  for (std::size_t l = 0; l < layout_.layers(); ++l) {
    auto& row = alive_.emplace_back();
    for (std::size_t i = 0; i < layout_.inputs[l]; ++i) {
      row.push_back(rates[first + (whole ? kept_[l][i] : i)] >= options_.threshold);
    }
    first += sent.inputs[l];
  }
  if (const auto told = result.metrics.find(kDynHpMetric);
      told != result.metrics.end() && told->second == wire::Scalar(true)) {
    shrinkers_.insert(client);
  }
  return Update::check(encode_parameters(std::make_shared<const Model>(std::move(model))), global);
}

void DynHp::add_rows(const Update& update, std::size_t layer, double weight) {
  const std::size_t in = layout_.inputs[layer];
  std::vector<double> row(in);
  std::vector<double> biases(layout_.outputs_of(layer));
  update.read(3 * layer + 1, 0, std::span(biases));
  const auto put = [&](std::size_t tensor, std::size_t at, double value) {
    std::visit(
        [&](auto& sums) {
          using T = typename std::decay_t<decltype(sums)>::value_type;
          sums[at] += static_cast<T>(weight) * static_cast<T>(value);
          std::get<std::decay_t<decltype(sums)>>(weights_[tensor].values)[at] +=
              static_cast<T>(weight);
        },
        sum_[tensor].values);
  };
  const bool last = layer + 1 == layout_.layers();
  for (std::size_t o = 0; o < biases.size(); ++o) {
    if (!options_.plain && !last && !alive_[layer + 1][o]) {
      continue;
    }
    update.read(3 * layer, o * in, std::span(row));
    for (std::size_t i = 0; i < in; ++i) {
      if (options_.plain || alive_[layer][i]) {
        put(3 * layer, o * in + i, row[i]);
      }
    }
    put(3 * layer + 1, o, biases[o]);
  }
  update.read(3 * layer + 2, 0, std::span(row));
  for (std::size_t i = 0; i < in; ++i) {
    put(3 * layer + 2, i, row[i]);
  }
}

Status DynHp::add(const Update& update, const Contribution& contribution) {
  const double weight = uniform_ ? 1.0 : static_cast<double>(contribution.examples);
  MARVEL_TRY_STATUS(check_summable(update, sum_, weight));
  for (std::size_t l = 0; l < layout_.layers(); ++l) {
    add_rows(update, l, weight);
    for (std::size_t i = 0; i < layout_.inputs[l]; ++i) {
      votes_[l][i] += alive_[l][i] ? weight : 0;
    }
  }
  total_ += weight;
  return {};
}

Result<Model> DynHp::finish(const Model& global, const RoundFacts& /*facts*/) {
  MARVEL_CHECK(total_ > 0, "dynhp: no update");
  Model next = std::move(sum_);
  for (std::size_t t = 0; t < next.size(); ++t) {
    std::visit(
        [&](auto& values) {
          using Values = std::decay_t<decltype(values)>;
          const auto& weights = std::get<Values>(weights_[t].values);
          const auto& old = std::get<Values>(global[t].values);
          for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = weights[i] > 0 ? values[i] / weights[i] : old[i];
          }
        },
        next[t].values);
  }
  if (!all_finite(next)) {
    return fail(Errc::kFailed,
                "the mean of the clients' models is too large for its type of number");
  }
  if (options_.plain) {
    return next;
  }
  const Positions positions = survivors();
  cut(positions);
  return keep_positions(next, positions);
}

// Positions in today's model of what stays. At least one unit per layer does: the one with most
// votes.
Positions DynHp::survivors() {
  Positions result;
  for (std::size_t l = 0; l < layout_.layers(); ++l) {
    auto& positions = result.emplace_back();
    for (std::size_t i = 0; i < votes_[l].size(); ++i) {
      const bool won = options_.vote > 0 ? votes_[l][i] >= options_.vote * total_ * (1 - 1e-9)
                                         : votes_[l][i] > 0;
      strikes_[l][i] = won ? 0 : strikes_[l][i] + 1;
      if (strikes_[l][i] < options_.patience) {
        positions.push_back(i);
      }
    }
    if (positions.empty()) {
      const auto most = std::max_element(votes_[l].begin(), votes_[l].end());
      positions.push_back(static_cast<std::size_t>(most - votes_[l].begin()));
    }
  }
  return result;
}

void DynHp::cut(const Positions& positions) {
  for (std::size_t l = 0; l < positions.size(); ++l) {
    std::vector<std::size_t> kept;
    std::vector<int> strikes;
    for (const auto position : positions[l]) {
      kept.push_back(kept_[l][position]);
      strikes.push_back(strikes_[l][position]);
    }
    kept_[l] = std::move(kept);
    strikes_[l] = std::move(strikes);
    layout_.inputs[l] = positions[l].size();
  }
  note_state();
}

void DynHp::note_state() {
  kept_model_.clear();
  strikes_model_.clear();
  for (std::size_t l = 0; l < kept_.size(); ++l) {
    Tensor kept = make_tensor(Dtype::kInt64, {kept_[l].size()});
    Tensor strikes = kept;
    std::copy(kept_[l].begin(), kept_[l].end(), std::get<1>(kept.values).begin());
    std::copy(strikes_[l].begin(), strikes_[l].end(), std::get<1>(strikes.values).begin());
    kept_model_.push_back(std::move(kept));
    strikes_model_.push_back(std::move(strikes));
  }
  Tensor full = make_tensor(Dtype::kInt64, {full_.layers()});
  std::copy(full_.inputs.begin(), full_.inputs.end(), std::get<1>(full.values).begin());
  kept_model_.push_back(std::move(full));
}

Status DynHp::restore(std::vector<Model> moments, const Model& global) {
  const auto damaged = [] {
    return fail(Errc::kInput, "the checkpoint's masks do not fit its model",
                "resume with the same --strategy");
  };
  if (moments.empty() || moments[0].empty()) {
    return {};  // before the first round
  }
  MARVEL_TRY(layout_, gated_layout(global));
  const std::size_t layers = layout_.layers();
  if (moments.size() != 2 || moments[0].size() != layers + 1 || moments[1].size() != layers ||
      moments[0].back().size() != layers) {
    return damaged();
  }
  full_.outputs = layout_.outputs;
  for (std::size_t l = 0; l < layers; ++l) {
    const Tensor& kept = moments[0][l];
    const Tensor& strikes = moments[1][l];
    const double wide = moments[0].back().at(l);
    if (kept.size() != layout_.inputs[l] || strikes.size() != layout_.inputs[l]) {
      return damaged();
    }
    auto& positions = kept_.emplace_back();
    auto& counts = strikes_.emplace_back();
    double least = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const bool possible = kept.at(i) >= least && kept.at(i) < wide && wide < 1e9 &&
                            strikes.at(i) >= 0 && strikes.at(i) < 1e9;
      if (!possible) {
        return damaged();
      }
      least = kept.at(i) + 1;
      positions.push_back(static_cast<std::size_t>(kept.at(i)));
      counts.push_back(static_cast<int>(strikes.at(i)));
    }
    full_.inputs.push_back(static_cast<std::size_t>(wide));
  }
  note_state();
  return {};
}

}  // namespace

std::unique_ptr<Strategy> make_dynhp(const StrategyOptions& options) {
  return std::make_unique<DynHp>(options);
}

}  // namespace marvel::federate
