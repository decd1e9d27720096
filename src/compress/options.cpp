#include "compress/options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace marvel::compress {
namespace {

constexpr int kMostUnits = 1'000'000;
constexpr int kMostThreads = 256;
// log_alpha is clamped to +-ln 100, so a gate is open at least and at most this often.
constexpr double kLeastOpen = 0.0471;
constexpr double kMostOpen = 0.998;

constexpr std::array<std::pair<std::string_view, Method>, 4> kMethods{
    {{"none", Method::kNone},
     {"sp", Method::kSoft},
     {"hp", Method::kHard},
     {"dynhp", Method::kDynHp}}};

tl::unexpected<Error> refuse(std::string message, std::string hint = {}) {
  return fail(Errc::kUsage, std::move(message), std::move(hint));
}

// A value that is not given is always right; so is one inside [low, high].
template <class Number>
Status in_range(std::string_view flag, const std::optional<Number>& value, Number low,
                Number high) {
  if (!value || (*value >= low && *value <= high)) {
    return {};
  }
  return refuse(fmt::format("{} {} is out of range [{}, {}]", flag, *value, low, high));
}

Status positive(std::string_view flag, const std::optional<double>& value) {
  if (!value || (std::isfinite(*value) && *value > 0)) {
    return {};
  }
  return refuse(fmt::format("{} {} is not a positive number", flag, *value));
}

Status check_layers(const std::vector<int>& layers) {
  if (layers.size() < 2) {
    return refuse("--layers wants at least inputs and outputs, such as 784,300,100,10");
  }
  for (const int units : layers) {
    if (units < 1 || units > kMostUnits) {
      return refuse(fmt::format("--layers has {} units in a layer, allowed are 1 to {}", units,
                                kMostUnits));
    }
  }
  return {};
}

Status check_lambda(const TrainOptions& options) {
  if (!options.lambda) {
    return {};
  }
  const std::size_t layers = options.layers.size() - 1;
  if (options.lambda->size() != 1 && options.lambda->size() != layers) {
    return refuse(fmt::format("--lambda has {} values for {} layers", options.lambda->size(), layers),
                  "give one for all or one per layer");
  }
  for (const double lambda : *options.lambda) {
    if (!std::isfinite(lambda) || lambda < 0) {
      return refuse(fmt::format("--lambda {} is not a number >= 0", lambda));
    }
  }
  return {};
}

Status check_threshold(const std::optional<double>& threshold) {
  if (!threshold || (*threshold > kLeastOpen && *threshold < kMostOpen)) {
    return {};
  }
  return refuse(fmt::format("--threshold {} has no effect: gates are clamped so that they are open "
                            "between {} and {} of the time",
                            *threshold, kLeastOpen, kMostOpen),
                "choose one in between, such as 0.5");
}

Status check_open_interval(std::string_view flag, const std::optional<double>& value) {
  if (!value || (*value > 0 && *value < 1)) {
    return {};
  }
  return refuse(fmt::format("{} {} is out of range (0, 1)", flag, *value));
}

Status check_epochs(const TrainOptions& options) {
  constexpr int kMostEpochs = 1'000'000;
  MARVEL_TRY_STATUS(in_range("--epochs", options.epochs, 1, kMostEpochs));
  MARVEL_TRY_STATUS(in_range("--warmup-epochs", options.warmup_epochs, 0, kMostEpochs));
  MARVEL_TRY_STATUS(in_range("--finetune-epochs", options.finetune_epochs, 0, kMostEpochs));
  const int named = options.warmup_epochs.value_or(0) + options.finetune_epochs.value_or(0);
  if (options.epochs && options.method != Method::kNone && named >= *options.epochs) {
    return refuse(fmt::format("--warmup-epochs and --finetune-epochs take all {} epochs",
                              *options.epochs),
                  "leave at least one for pruning");
  }
  return {};
}

Status check_augment(const std::optional<std::string>& augment) {
  constexpr std::array<std::string_view, 4> kKnown{"none", "shift", "flip", "shift+flip"};
  if (!augment || std::find(kKnown.begin(), kKnown.end(), *augment) != kKnown.end()) {
    return {};
  }
  return refuse(fmt::format("unknown --augment '{}'", *augment),
                "known are none, shift, flip, shift+flip");
}

}  // namespace

std::string_view method_name(Method method) {
  for (const auto& [word, value] : kMethods) {
    if (value == method) {
      return word;
    }
  }
  return "?";
}

Result<Method> parse_method(std::string_view word) {
  for (const auto& [known, value] : kMethods) {
    if (known == word) {
      return value;
    }
  }
  return refuse(fmt::format("unknown --method '{}'", word), "known are none, sp, hp, dynhp");
}

std::string_view memory_model_name(MemoryModel model) {
  return model == MemoryModel::kSeed ? "seed" : "full";
}

std::string_view device_name(Device device) { return device == Device::kCpu ? "cpu" : "cuda"; }

Status validate(const TrainOptions& options) {
  if (options.model != "mlp") {
    return refuse(fmt::format("unknown --model '{}'", options.model), "known is mlp");
  }
  if (options.data.empty()) {
    return refuse("--data is missing", "name fashion-mnist, mnist or a folder of IDX files");
  }
  if (options.out.empty()) {
    return refuse("--out is empty");
  }
  if (options.force && options.resume) {
    return refuse("--force and --resume exclude each other",
                  "--resume goes on with what --force would replace");
  }
  MARVEL_TRY_STATUS(check_layers(options.layers));
  MARVEL_TRY_STATUS(check_epochs(options));
  MARVEL_TRY_STATUS(in_range("--batch-size", options.batch_size, 1, kMostUnits));
  MARVEL_TRY_STATUS(positive("--lr", options.lr));
  MARVEL_TRY_STATUS(positive("--gate-lr", options.gate_lr));
  MARVEL_TRY_STATUS(check_lambda(options));
  MARVEL_TRY_STATUS(check_threshold(options.threshold));
  MARVEL_TRY_STATUS(in_range("--alpha-bs", options.alpha_bs, 0.0, 1.0));
  MARVEL_TRY_STATUS(check_open_interval("--target-reduction", options.target_reduction));
  MARVEL_TRY_STATUS(in_range("--distill", options.distill, 0.0, 1.0));
  MARVEL_TRY_STATUS(check_augment(options.augment));
  MARVEL_TRY_STATUS(in_range("--weight-decay", options.weight_decay, 0.0, 1.0));
  MARVEL_TRY_STATUS(in_range("--validation", std::optional(options.validation), 0, 1'000'000'000));
  return in_range("--threads", std::optional(options.threads), 0, kMostThreads);
}

}  // namespace marvel::compress
