#include "compress/options.hpp"

#include "base/edit_distance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace marvel::compress {
namespace {

constexpr int kMostUnits = 1'000'000;
constexpr int kMostEpochs = 1'000'000;  // so that sums of epochs stay far from overflow
constexpr int kMostThreads = 256;
constexpr int kMostLatencyRuns = 1'000'000;
constexpr int kNoLimit = std::numeric_limits<int>::max();
// A gate is open with probability sigmoid(log_alpha + 2/3 ln 11), and log_alpha is clamped to
// +-ln 100 (model/hard_concrete.hpp), so that chance stays between these two. A threshold outside
// would keep every unit or remove every one.
constexpr double kLeastOpen = 0.0471;
constexpr double kMostOpen = 0.998;

constexpr std::array<std::pair<std::string_view, Method>, 4> kMethods{{{"none", Method::kNone},
                                                                       {"sp", Method::kSoft},
                                                                       {"hp", Method::kHard},
                                                                       {"dynhp", Method::kDynHp}}};

tl::unexpected<Error> refuse(std::string message, std::string hint = {}) {
  return fail(Errc::kUsage, std::move(message), std::move(hint));
}

tl::unexpected<Error> unknown_word(std::string_view flag, std::string_view word,
                                   const std::vector<std::string>& known) {
  const auto meant = closest(word, known);
  return refuse(fmt::format("unknown {} '{}'", flag, word),
                meant ? fmt::format("did you mean '{}'? Known: {}", *meant, fmt::join(known, ", "))
                      : fmt::format("known: {}", fmt::join(known, ", ")));
}

// --- one value; one that is not given is always right ---

Status check_whole(std::string_view flag, std::optional<int> value, int low, int high,
                   std::string_view what) {
  if (!value || (*value >= low && *value <= high)) {
    return {};
  }
  const std::string range =
      high == kNoLimit ? fmt::format("at least {}", low) : fmt::format("{} to {}", low, high);
  return refuse(fmt::format("{} is {}, but {} must be {}", flag, *value, what, range));
}

Status check_share(std::string_view flag, std::optional<double> value) {
  if (!value || (*value >= 0 && *value <= 1)) {
    return {};
  }
  return refuse(fmt::format("{} is {}, but must be a share from 0 to 1", flag, *value));
}

Status check_not_negative(std::string_view flag, std::optional<double> value) {
  if (!value || (std::isfinite(*value) && *value >= 0)) {
    return {};
  }
  return refuse(fmt::format("{} is {}, but must be a finite number of at least 0", flag, *value));
}

Status check_step_size(std::string_view flag, std::optional<double> value) {
  if (!value || (std::isfinite(*value) && *value > 0)) {
    return {};
  }
  return refuse(fmt::format("{} is {}, but a step size must be finite and above 0", flag, *value),
                "Adam's usual one is 0.001");
}

Status check_target(std::optional<double> target, Method method) {
  if (target && (method == Method::kNone || method == Method::kSoft)) {
    return refuse(fmt::format("--target-reduction works with hp and dynhp, not with --method {}",
                              method_name(method)),
                  "sp is sized by --lambda, none prunes nothing");
  }
  if (!target || (*target > 0 && *target < 1)) {
    return {};
  }
  return refuse(fmt::format("--target-reduction is {}, but must be above 0 and below 1", *target),
                "0.8 stops pruning when 80 % of the parameters are gone");
}

Status check_threshold(std::optional<double> threshold) {
  if (!threshold || (*threshold > kLeastOpen && *threshold < kMostOpen)) {
    return {};
  }
  const char* effect =
      *threshold <= kLeastOpen ? "no unit would ever leave" : "every unit would leave";
  return refuse(fmt::format("--threshold is {}, but must be above {} and below {}: gates are "
                            "clamped to be open within that share of draws, so {}",
                            *threshold, kLeastOpen, kMostOpen, effect),
                "0.5 is the usual choice");
}

Status check_budget(std::optional<std::uint64_t> budget) {
  if (!budget || *budget > 0) {
    return {};
  }
  return refuse("--memory-budget is 0 bytes, which holds no network",
                "leave it out for no cap, or name a size such as 4MiB");
}

Status check_word(std::string_view flag, const std::optional<std::string>& word,
                  const std::vector<std::string>& known) {
  if (!word || std::find(known.begin(), known.end(), *word) != known.end()) {
    return {};
  }
  return unknown_word(flag, *word, known);
}

// --- values that belong together ---

Status check_layers(const std::vector<int>& layers) {
  if (layers.size() < 2) {
    return refuse(
        fmt::format("--layers has {} of the 2 or more layers a network needs", layers.size()),
        "list units from input to output, as in 784,300,100,10");
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i] < 1 || layers[i] > kMostUnits) {
      return refuse(fmt::format("--layers asks for {} units in layer {}, but a layer has 1 to {}",
                                layers[i], i + 1, kMostUnits));
    }
  }
  return {};
}

Status check_lambda(const TrainOptions& options) {
  if (!options.lambda) {
    return {};
  }
  const std::size_t gated = options.layers.size() - 1;
  if (options.lambda->size() != 1 && options.lambda->size() != gated) {
    return refuse(fmt::format("--lambda has {} values, but --layers makes {} weight layers",
                              options.lambda->size(), gated),
                  fmt::format("give 1 value for all or {}, one per layer", gated));
  }
  for (const double lambda : *options.lambda) {
    MARVEL_TRY_STATUS(check_not_negative("--lambda", lambda));
  }
  return {};
}

Status check_epochs(const TrainOptions& options) {
  MARVEL_TRY_STATUS(check_whole("--epochs", options.epochs, 1, kMostEpochs, "their number"));
  MARVEL_TRY_STATUS(
      check_whole("--warmup-epochs", options.warmup_epochs, 0, kMostEpochs, "their number"));
  MARVEL_TRY_STATUS(
      check_whole("--finetune-epochs", options.finetune_epochs, 0, kMostEpochs, "their number"));
  const int warmup = options.warmup_epochs.value_or(0);
  const int finetune = options.finetune_epochs.value_or(0);
  const bool prunes = options.method != Method::kNone;
  if (prunes && options.epochs && warmup + finetune >= *options.epochs) {
    return refuse(fmt::format("--warmup-epochs {} and --finetune-epochs {} leave none of {} epochs "
                              "for pruning",
                              warmup, finetune, *options.epochs),
                  fmt::format("raise --epochs above {} or lower the others", warmup + finetune));
  }
  return {};
}

Status check_places(const TrainOptions& options) {
  if (options.model != "mlp") {
    return unknown_word("--model", options.model, {"mlp"});
  }
  if (options.data.empty()) {
    return refuse("--data is missing", "name fashion-mnist, mnist or a folder of IDX files");
  }
  if (options.out.empty()) {
    return refuse("--out is empty", "name a folder for the model and its report");
  }
  if (options.force && options.resume) {
    return refuse("--force and --resume exclude each other",
                  "--resume goes on with what --force would replace");
  }
  return {};
}

Status check_pruning(const TrainOptions& options) {
  MARVEL_TRY_STATUS(check_lambda(options));
  MARVEL_TRY_STATUS(check_threshold(options.threshold));
  MARVEL_TRY_STATUS(check_share("--alpha-bs", options.alpha_bs));
  MARVEL_TRY_STATUS(check_target(options.target_reduction, options.method));
  return check_budget(options.memory_budget);
}

Status check_training(const TrainOptions& options) {
  MARVEL_TRY_STATUS(check_epochs(options));
  MARVEL_TRY_STATUS(check_whole("--batch-size", options.batch_size, 1, kNoLimit, "a batch"));
  MARVEL_TRY_STATUS(check_step_size("--lr", options.lr));
  MARVEL_TRY_STATUS(check_step_size("--gate-lr", options.gate_lr));
  MARVEL_TRY_STATUS(check_share("--distill", options.distill));
  constexpr int kMostTeachers = 16;
  MARVEL_TRY_STATUS(check_whole("--teachers", options.teachers, 1, kMostTeachers, "their number"));
  const int teachers = options.teachers.value_or(1);
  if (options.warmup_epochs && teachers > std::max(1, *options.warmup_epochs)) {
    return refuse(fmt::format("--teachers {} do not fit into --warmup-epochs {}", teachers,
                              *options.warmup_epochs),
                  "give each teacher an epoch at least");
  }
  MARVEL_TRY_STATUS(check_word("--inputs", options.inputs, {"pixels", "haar"}));
  MARVEL_TRY_STATUS(
      check_word("--augment", options.augment, {"none", "shift", "flip", "shift+flip"}));
  return check_not_negative("--weight-decay", options.weight_decay);
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
  std::vector<std::string> known;
  for (const auto& [name, value] : kMethods) {
    if (name == word) {
      return value;
    }
    known.emplace_back(name);
  }
  return unknown_word("--method", word, known);
}

std::string_view memory_model_name(MemoryModel model) {
  return model == MemoryModel::kSeed ? "seed" : "full";
}

std::string_view device_name(Device device) {
  return device == Device::kCpu ? "cpu" : "cuda";
}

Status validate(const TrainOptions& options) {
  MARVEL_TRY_STATUS(check_places(options));
  MARVEL_TRY_STATUS(check_layers(options.layers));
  MARVEL_TRY_STATUS(check_training(options));
  MARVEL_TRY_STATUS(check_pruning(options));
  MARVEL_TRY_STATUS(
      check_whole("--validation", options.validation, 0, kNoLimit, "the samples held back"));
  return check_whole("--threads", options.threads, 0, kMostThreads, "their number");
}

Status validate(const EvalOptions& options) {
  MARVEL_TRY_STATUS(
      check_whole("--latency-runs", options.latency_runs, 1, kMostLatencyRuns, "their number"));
  return check_whole("--threads", options.threads, 0, kMostThreads, "their number");
}

}  // namespace marvel::compress
