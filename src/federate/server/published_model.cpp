#include "federate/server/published_model.hpp"

#include "federate/array/npz.hpp"
#include "federate/server/central_evaluation.hpp"
#include "federate/server/checkpoint.hpp"
#include "federate/strategy/strategy.hpp"

#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace marvel::federate {
namespace {

PublishedModel with_all_inputs(Model model, NetworkShape shape) {
  PublishedModel found;
  found.model = std::move(model);
  found.gated = shape.model == "l0mlp";
  for (std::size_t l = 0; l + 1 < shape.layers.size(); ++l) {
    auto& kept = found.kept.emplace_back(static_cast<std::size_t>(shape.layers[l]));
    std::iota(kept.begin(), kept.end(), 0);
  }
  found.first_layers = shape.layers;
  found.layers = std::move(shape.layers);
  return found;
}

// The strategy of the run has masks in its moments: per layer the positions that are left, then the
// numbers of inputs at the start. They are DynHP's to read; what does not fit changes nothing.
void read_masks(const Model& masks, PublishedModel& found) {
  const std::size_t layers = found.kept.size();
  if (masks.size() != layers + 1 || masks.back().size() != layers) {
    return;
  }
  PublishedModel masked = found;
  for (std::size_t l = 0; l < layers; ++l) {
    if (masks[l].size() != found.kept[l].size()) {
      return;
    }
    masked.first_layers[l] = static_cast<int>(masks.back().at(l));
    for (std::size_t i = 0; i < masks[l].size(); ++i) {
      masked.kept[l][i] = static_cast<std::size_t>(masks[l].at(i));
    }
  }
  found = std::move(masked);
}

// kInput for masks that are damaged.
Status ask_checkpoint(const std::filesystem::path& folder, PublishedModel& found) {
  const std::string& name = strategy_names()[static_cast<std::size_t>(StrategyKind::kDynHp)];
  auto loaded = Checkpoint(folder, name).load();
  const std::optional<RunState> state = loaded ? std::move(*loaded) : std::nullopt;
  if (!state || state->moments.empty()) {
    return {};
  }
  StrategyOptions options;
  options.kind = StrategyKind::kDynHp;
  MARVEL_TRY_STATUS(make_strategy(options)->restore(state->moments, *state->model));
  read_masks(state->moments.front(), found);
  return {};
}

}  // namespace

Result<PublishedModel> load_published(const std::filesystem::path& path) {
  MARVEL_TRY(Model model, load_npz(path));
  auto shape = network_shape(model);
  if (!shape) {
    return fail(Errc::kInput, fmt::format("'{}' holds no perceptron", path.string()));
  }
  PublishedModel found = with_all_inputs(std::move(model), std::move(*shape));
  if (found.gated) {
    MARVEL_TRY_STATUS(ask_checkpoint(path.parent_path(), found));
  }
  return found;
}

}  // namespace marvel::federate
