#include "federate/server/published_model.hpp"

#include "federate/array/npz.hpp"
#include "federate/server/central_evaluation.hpp"
#include "federate/server/checkpoint.hpp"
#include "federate/strategy/strategy.hpp"

#include <numeric>
#include <optional>
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
// numbers of inputs at the start. They are DynHP's to read, and have been. False when the model has
// other numbers of inputs.
bool read_masks(const Model& masks, PublishedModel& found) {
  const std::size_t layers = found.kept.size();
  bool same = masks.size() == layers + 1;
  for (std::size_t l = 0; same && l < layers; ++l) {
    same = masks[l].size() == found.kept[l].size();
  }
  for (std::size_t l = 0; same && l < layers; ++l) {
    found.first_layers[l] = static_cast<int>(masks.back().at(l));
    for (std::size_t i = 0; i < masks[l].size(); ++i) {
      found.kept[l][i] = static_cast<std::size_t>(masks[l].at(i));
    }
  }
  return same;
}

// A model of the first round, or the one that the run began with.
bool is_whole(const Model& masks, const PublishedModel& found) {
  bool whole = masks.back().size() == found.kept.size();
  for (std::size_t l = 0; whole && l < found.kept.size(); ++l) {
    whole = masks.back().at(l) == static_cast<double>(found.kept[l].size());
  }
  return whole;
}

// None without a checkpoint. Empty where nothing can have left: no other strategy takes inputs
// away, and DynHP none before its first round. kInput for a checkpoint that cannot be read.
Result<std::optional<Model>> saved_masks(const std::filesystem::path& folder) {
  const std::string& dynhp = strategy_names()[static_cast<std::size_t>(StrategyKind::kDynHp)];
  const Checkpoint checkpoint(folder, dynhp);
  MARVEL_TRY(const auto strategy, checkpoint.saved_strategy());
  if (!strategy || *strategy != dynhp) {
    return strategy ? std::optional<Model>(Model()) : std::nullopt;
  }
  MARVEL_TRY(const auto state, checkpoint.load());
  if (!state || state->moments.empty()) {
    return std::optional<Model>(Model());
  }
  StrategyOptions options;
  options.kind = StrategyKind::kDynHp;
  MARVEL_TRY_STATUS(make_strategy(options)->restore(state->moments, *state->model));
  return std::optional(state->moments.front());
}

tl::unexpected<Error> does_not_fit(const std::filesystem::path& path, const std::string& why) {
  return fail(Errc::kInput,
              fmt::format("'{}' does not fit the checkpoint around it{}", path.string(), why),
              "it is of another round, or a server is just replacing it: try again");
}

// Positions that are only guessed would give a model that reads the wrong pixels.
Status ask_checkpoint(const std::filesystem::path& path, PublishedModel& found) {
  const auto saved = saved_masks(path.parent_path());
  if (!saved) {
    return does_not_fit(path, ": " + saved.error().message);
  }
  const std::optional<Model>& masks = *saved;
  if (!masks) {
    return fail(Errc::kInput,
                fmt::format("which inputs of '{}' are left stands in the checkpoint of its run, "
                            "which is not beside it",
                            path.string()),
                "name the file in the folder of the run, or copy the whole folder");
  }
  const bool fits = masks->empty() || read_masks(*masks, found) || is_whole(*masks, found);
  return fits ? Status() : does_not_fit(path, "");
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
    MARVEL_TRY_STATUS(ask_checkpoint(path, found));
  }
  return found;
}

}  // namespace marvel::federate
