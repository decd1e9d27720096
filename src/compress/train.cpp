#include "compress/train.hpp"

#include "compress/memory.hpp"
#include "compress/recipe.hpp"
#include "compress/run_folder.hpp"
#include "compress/training_run.hpp"
#include "data/dataset.hpp"
#include "model/torch.hpp"
#include "model/training_step.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace marvel::compress {
namespace {

// Whether the machine can hold what training on the CPU takes at its start. That is its most, but
// for a batch that --memory-budget lets grow beyond.
Status check_machine(const Recipe& recipe, std::size_t samples) {
  if (recipe.device != Device::kCpu) {
    return {};
  }
  const auto use = memory_use(MemoryModel::kFull, recipe.layers, recipe.layers.front());
  const auto batch =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(recipe.batch_size), samples);
  return check_physical(use.fixed + use.per_sample * batch, physical_bytes());
}

// Only now is it known what the recipe makes of the images.
Status check_inputs(const Recipe& recipe, const data::Dataset& data) {
  if (recipe.inputs == model::InputBasis::kPixels ||
      model::HaarTransform::levels_of(data.train.rows, data.train.columns) > 0) {
    return {};
  }
  return fail(Errc::kInput,
              fmt::format("--inputs haar wants images with even sides, but those of '{}' are {}x{}",
                          data.name, data.train.rows, data.train.columns),
              "use --inputs pixels");
}

}  // namespace

Status check_device(Device device) {
  if (device == Device::kCuda && !torch::cuda::is_available()) {
    return fail(Errc::kUnsupported, "--device cuda: this LibTorch finds no CUDA device",
                "use --device cpu, or a LibTorch built with CUDA");
  }
  return {};
}

Result<TrainReport> train(const TrainOptions& options, Context& context, FolderLock* lock) {
  const auto started = TrainingRun::Clock::now();
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY_STATUS(check_device(options.device));
  MARVEL_TRY(auto data, data::load_dataset(options.data));
  MARVEL_TRY_STATUS(check_samples(options, data));
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  Recipe recipe = make_recipe(options, std::min(cores, model::most_threads()));
  MARVEL_TRY_STATUS(check_phases(recipe));
  MARVEL_TRY_STATUS(check_inputs(recipe, data));
  MARVEL_TRY_STATUS(model::check_threads(recipe.threads));
  MARVEL_TRY_STATUS(check_machine(recipe, data.train.size()));
  if (recipe.memory_budget > 0) {
    MARVEL_TRY_STATUS(
        check_budget(recipe.memory_budget,
                     memory_use(recipe.memory_model, recipe.layers, recipe.layers.front())));
  }
  if (context.stop.raised()) {  // while the results of an earlier run are still there
    return fail(Errc::kFailed, "stopped before anything was done");
  }
  MARVEL_TRY(*lock, prepare_folder(options));
  TrainingRun run(std::move(recipe), std::move(data), options.out, started, context);
  MARVEL_TRY_STATUS(run.start(options.resume));
  return run.run();
}

}  // namespace marvel::compress
