#include "compress/recipe.hpp"

#include "compress/memory.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace marvel::compress {
namespace {

// The parts of a recipe that depend on the data set.
struct Preset {
  int epochs;
  int warmup_epochs;
  int finetune_epochs;
  int batch_size;
  double lambda_input;   // of inputs
  double lambda_hidden;  // of hidden layers but the last
  double lambda_last;
  double target_reduction;
  double distill;
  double temperature;
  int teachers;
  int shift;
  bool flip;
  model::InputBasis inputs = model::InputBasis::kPixels;
  double weight_decay = 0;
};

// Measured choices; docs/design/003-recipe.md has the runs behind them.
constexpr Preset kMnist{100, 12, 45, 64, 0.1, 0.5, 5.0, 0.9025, 0.5, 2.0, 1, 1, false};
constexpr Preset kFashion{220, 120, 60, 64, 0.1, 0.3, 1.2, 0.64, 0.6, 4.0, 3, 0, true};
constexpr Preset kOther{100, 20, 40, 100, 0.1, 0.5, 5.0, 0.83, 0.5, 2.0, 1, 0, false};

// Who keeps few inputs does better with wavelet coefficients, who keeps most with pixels. Dense
// networks of coefficients learn their images by heart, hence the weight decay.
constexpr double kFewInputs = 0.8;  // of the parameters gone
constexpr Preset fashion_of_few_inputs() {
  Preset preset = kFashion;
  preset.epochs = 340;
  preset.warmup_epochs = 240;
  preset.teachers = 6;
  preset.inputs = model::InputBasis::kHaar;
  preset.weight_decay = 1e-4;
  return preset;
}

constexpr double kLearningRate = 1e-3;
constexpr double kGateLearningRate = 1e-2;
constexpr double kThreshold = 0.5;
constexpr double kAlpha = 0.996;
constexpr double kAverageDecay = 0.999;

Preset preset_for(const TrainOptions& options) {
  if (options.data == "mnist") {
    return kMnist;
  }
  if (options.data != "fashion-mnist") {
    return kOther;
  }
  return options.target_reduction.value_or(0) < kFewInputs ? kFashion : fashion_of_few_inputs();
}

// The price of one gate is lambda * fan-out / N, so a common lambda closes inputs and leaves the
// last hidden layer alone; hence one per layer.
std::vector<double> default_lambda(const Preset& preset, std::size_t count) {
  std::vector<double> lambda(count, preset.lambda_hidden);
  lambda.front() = preset.lambda_input;
  if (count > 2) {
    lambda.back() = preset.lambda_last;
  }
  return lambda;
}

// Of a word that validate() knows.
model::InputBasis parse_inputs(const std::string& word) {
  return word == "haar" ? model::InputBasis::kHaar : model::InputBasis::kPixels;
}

std::vector<std::string_view> teacher_inputs(const Recipe& recipe) {
  std::vector<std::string_view> words;
  for (int teacher = 0; teacher < recipe.teachers; ++teacher) {
    words.push_back(inputs_name(recipe.inputs_of(teacher)));
  }
  return words;
}

// What training holds at its start: a run that is told no budget never needs more than that, and
// what pruning frees goes to the batch.
std::uint64_t starting_bytes(const Recipe& recipe) {
  const MemoryUse use = memory_use(recipe.memory_model, recipe.layers, recipe.layers.front());
  return use.fixed + use.per_sample * static_cast<std::uint64_t>(recipe.batch_size);
}

std::vector<double> spread(std::vector<double> values, std::size_t count) {
  if (values.size() == 1) {
    values.assign(count, values.front());
  }
  return values;
}

// Of a short run, or when one phase was given, the preset's share of the others may leave nothing
// for pruning. What was given stays, check_phases() judges it.
void leave_one_for_pruning(const TrainOptions& options, Recipe* recipe) {
  if (!recipe->has_gates()) {
    return;
  }
  const auto shorten = [recipe](int* phase) {
    const int excess = recipe->warmup_epochs + recipe->finetune_epochs - (recipe->epochs - 1);
    *phase -= std::clamp(excess, 0, *phase);
  };
  if (!options.warmup_epochs) {
    shorten(&recipe->warmup_epochs);
  }
  if (!options.finetune_epochs) {
    shorten(&recipe->finetune_epochs);
  }
}

}  // namespace

std::string_view inputs_name(model::InputBasis inputs) {
  return inputs == model::InputBasis::kHaar ? "haar" : "pixels";
}

std::string_view phase_name(Phase phase) {
  switch (phase) {
    case Phase::kWarmUp:
      return "warm-up";
    case Phase::kPrune:
      return "prune";
    case Phase::kFineTune:
      return "fine-tune";
  }
  return "?";
}

Phase Recipe::phase(int epoch) const {
  if (!has_gates() || epoch > epochs - finetune_epochs) {
    return Phase::kFineTune;
  }
  return epoch <= warmup_epochs ? Phase::kWarmUp : Phase::kPrune;
}

int Recipe::teacher_of(int epoch) const {
  const int each = std::max(1, warmup_epochs / teachers);
  return std::clamp((epoch - 1) / each, 0, teachers - 1);
}

model::InputBasis Recipe::inputs_of(int teacher) const {
  const bool other = (teachers - 1 - teacher) % 2 == 1;
  return other ? model::InputBasis::kPixels : inputs;
}

bool Recipe::begins_teacher(int epoch) const {
  return phase(epoch) == Phase::kWarmUp &&
         (epoch == 1 || teacher_of(epoch) != teacher_of(epoch - 1));
}

double Recipe::scheduled_size(double dense, int epoch) const {
  const int length = epochs - finetune_epochs - warmup_epochs;
  const double done = std::clamp((epoch - warmup_epochs) / (0.8 * length), 0.0, 1.0);
  return dense * std::pow(1.0 - target_reduction, done);
}

double Recipe::price_scale(int epoch) const {
  if (phase(epoch) != Phase::kPrune) {
    return 0.0;
  }
  const double into = epoch - warmup_epochs;
  return ramp_epochs <= 0 ? 1.0 : std::min(1.0, into / ramp_epochs);
}

double Recipe::lr_scale(int epoch, double progress) const {
  const Phase now = phase(epoch);
  if (now == Phase::kPrune) {
    return 1.0;
  }
  int length = has_gates() ? finetune_epochs : epochs;
  int before = epochs - length;
  if (now == Phase::kWarmUp) {
    const int each = warmup_epochs / teachers;
    before = teacher_of(epoch) * each;
    length = teacher_of(epoch) + 1 == teachers ? warmup_epochs - before : each;
  }
  const double done = (epoch - 1 - before + progress) / length;
  return 0.5 * (1.0 + std::cos(std::numbers::pi * done));
}

Recipe make_recipe(const TrainOptions& options, int cores) {
  const Preset preset = preset_for(options);
  const std::size_t count = options.layers.size() - 1;
  Recipe recipe;
  recipe.layers = options.layers;
  recipe.method = options.method;
  recipe.epochs = options.epochs.value_or(preset.epochs);
  // A shorter run keeps the preset's proportions.
  const double scale = static_cast<double>(recipe.epochs) / preset.epochs;
  const auto share = [scale](int epochs) { return static_cast<int>(std::lround(epochs * scale)); };
  recipe.warmup_epochs = options.warmup_epochs.value_or(share(preset.warmup_epochs));
  recipe.finetune_epochs = options.finetune_epochs.value_or(share(preset.finetune_epochs));
  leave_one_for_pruning(options, &recipe);
  recipe.ramp_epochs = (recipe.epochs - recipe.warmup_epochs - recipe.finetune_epochs) / 2;
  recipe.batch_size = options.batch_size.value_or(preset.batch_size);
  recipe.lr = options.lr.value_or(kLearningRate);
  recipe.gate_lr = options.gate_lr.value_or(kGateLearningRate);
  recipe.lambda = options.lambda ? spread(*options.lambda, count) : default_lambda(preset, count);
  // After a warm-up the gates start just fully open (ln((1 - p) / p) > 2.398), so that the network
  // they are put into stays the same; without one they start as in the L0 paper.
  const bool warm = recipe.warmup_epochs > 0;
  recipe.drop_rates.assign(count, warm ? 0.08 : 0.5);
  recipe.drop_rates.front() = warm ? 0.08 : 0.2;
  recipe.threshold = options.threshold.value_or(kThreshold);
  recipe.alpha_bs = options.alpha_bs.value_or(kAlpha);
  // Who sets the price wants what it brings; otherwise the price is steered to a size.
  recipe.target_reduction = options.target_reduction.value_or(
      options.lambda || !recipe.prunes() ? 0.0 : preset.target_reduction);
  recipe.distill = options.distill.value_or(preset.distill);
  recipe.temperature = preset.temperature;
  // Who does not listen needs no more than the one that is pruned, and each needs an epoch.
  const bool taught = recipe.distill > 0 && recipe.has_gates();
  const int useful = taught ? std::max(1, recipe.warmup_epochs) : 1;
  recipe.teachers = std::min(useful, options.teachers.value_or(preset.teachers));
  const char* usual =
      preset.shift > 0 ? (preset.flip ? "shift+flip" : "shift") : (preset.flip ? "flip" : "none");
  const std::string augment = options.augment.value_or(usual);
  recipe.shift = augment.find("shift") != std::string::npos ? 1 : 0;
  recipe.flip = augment.find("flip") != std::string::npos;
  recipe.inputs = options.inputs ? parse_inputs(*options.inputs) : preset.inputs;
  recipe.weight_decay = options.weight_decay.value_or(preset.weight_decay);
  recipe.average_decay = kAverageDecay;
  recipe.memory_model = options.memory_model;
  recipe.memory_budget =
      options.memory_budget.value_or(recipe.method == Method::kDynHp ? starting_bytes(recipe) : 0);
  recipe.validation = options.validation;
  recipe.seed = options.seed;
  constexpr int kMostUseful = 2;  // more threads cost more than they bring for an MLP
  recipe.threads = options.threads > 0 ? options.threads : std::clamp(cores, 1, kMostUseful);
  recipe.device = options.device;
  return recipe;
}

Status check_phases(const Recipe& recipe) {
  const int others = recipe.warmup_epochs + recipe.finetune_epochs;
  if (!recipe.has_gates() || others < recipe.epochs) {
    return {};
  }
  return fail(Errc::kUsage,
              fmt::format("--warmup-epochs {} and --finetune-epochs {} leave none of {} epochs for "
                          "pruning",
                          recipe.warmup_epochs, recipe.finetune_epochs, recipe.epochs),
              fmt::format("raise --epochs above {} or lower the others", others));
}

std::vector<std::pair<std::string, std::string>> settings_of(const Recipe& recipe) {
  const std::string augment =
      recipe.shift > 0 ? (recipe.flip ? "shift+flip" : "shift") : (recipe.flip ? "flip" : "none");
  return {
      {"layers", fmt::format("{}", fmt::join(recipe.layers, ","))},
      {"method", std::string(method_name(recipe.method))},
      {"epochs", fmt::format("{}", recipe.epochs)},
      {"warmup-epochs", fmt::format("{}", recipe.warmup_epochs)},
      {"finetune-epochs", fmt::format("{}", recipe.finetune_epochs)},
      {"ramp-epochs", fmt::format("{}", recipe.ramp_epochs)},
      {"batch-size", fmt::format("{}", recipe.batch_size)},
      {"lr", fmt::format("{}", recipe.lr)},
      {"gate-lr", fmt::format("{}", recipe.gate_lr)},
      {"lambda", fmt::format("{}", fmt::join(recipe.lambda, ","))},
      {"drop-rates", fmt::format("{}", fmt::join(recipe.drop_rates, ","))},
      {"threshold", fmt::format("{}", recipe.threshold)},
      {"alpha-bs", fmt::format("{}", recipe.alpha_bs)},
      {"target-reduction", fmt::format("{}", recipe.target_reduction)},
      {"distill", fmt::format("{}", recipe.distill)},
      {"teachers", fmt::format("{}", recipe.teachers)},
      {"temperature", fmt::format("{}", recipe.temperature)},
      {"inputs", std::string(inputs_name(recipe.inputs))},
      {"teacher-inputs", fmt::format("{}", fmt::join(teacher_inputs(recipe), ","))},
      {"augment", augment},
      {"weight-decay", fmt::format("{}", recipe.weight_decay)},
      {"average-decay", fmt::format("{}", recipe.average_decay)},
      {"memory-budget", fmt::format("{}", recipe.memory_budget)},
      {"memory-model", std::string(memory_model_name(recipe.memory_model))},
      {"validation", fmt::format("{}", recipe.validation)},
      {"seed", fmt::format("{}", recipe.seed)},
      {"threads", fmt::format("{}", recipe.threads)},
      {"device", std::string(device_name(recipe.device))},
  };
}

}  // namespace marvel::compress
