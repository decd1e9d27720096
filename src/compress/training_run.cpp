// A run, in order:
//   1. start     a network, or the checkpoint's
//   2. epochs    each: set the phase up, take the steps, prune, measure, record, checkpoint
//   3. deliver   fold what is left, export, compare, time (deliver.cpp)
#include "compress/training_run.hpp"

#include "base/random.hpp"
#include "compress/deliver.hpp"
#include "compress/memory.hpp"
#include "compress/prune.hpp"
#include "compress/run_folder.hpp"
#include "compress/summary.hpp"
#include "model/evaluate.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace marvel::compress {
namespace {

namespace fs = std::filesystem;
using Clock = TrainingRun::Clock;

// Purposes of random streams; each is keyed by the seed and by epoch or step.
enum Stream : std::uint64_t { kSplit = 11, kOrder = 12, kAugment = 13, kGates = 14, kTeacher = 15 };

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string fingerprint_of(const Recipe& recipe, const data::Dataset& data) {
  // By what is in it, so that it may move and other data in its place are found out.
  std::string text =
      fmt::format("data={:08x} ({} + {} samples of {}x{})", data::checksum(data), data.train.size(),
                  data.test.size(), data.train.rows, data.train.columns);
  for (const auto& [name, value] : settings_of(recipe)) {
    text += fmt::format("\n{}={}", name, value);
  }
  return text;
}

// The average follows closely at first, so that a short run is not judged by its random start.
double average_decay(double decay, std::uint64_t step) {
  const auto t = static_cast<double>(step);
  return std::min(decay, (1.0 + t) / (10.0 + t));
}

}  // namespace

TrainingRun::TrainingRun(Recipe recipe, data::Dataset data, fs::path out, Clock::time_point started,
                         Context& context)
    : recipe_(std::move(recipe)),
      data_(std::move(data)),
      out_(std::move(out)),
      started_(started),
      context_(context),
      split_(
          split_samples(data_.train.size(), recipe_.validation, stream_key(recipe_.seed, kSplit))),
      source_(data_.train, split_.train, {recipe_.shift, recipe_.flip}, recipe_.inputs),
      validation_(data_.train, split_.validation, {}, recipe_.inputs),
      test_(data_.test, all_samples(data_.test.size()), {}, recipe_.inputs),
      fingerprint_(fingerprint_of(recipe_, data_)) {}

fs::path TrainingRun::checkpoint_path() const {
  return out_ / kCheckpointFile;
}

double TrainingRun::seconds_so_far() const {
  return seconds_before_ + seconds_since(started_);
}

Status TrainingRun::start(bool resume) {
  model::use_threads(recipe_.threads);
  std::error_code ignored;
  if (resume && fs::exists(checkpoint_path(), ignored)) {
    MARVEL_TRY_STATUS(continue_from_checkpoint());
  } else {
    if (resume) {
      context_.log.warning(
          fmt::format("no checkpoint in '{}' yet: starting from the beginning", out_.string()));
    }
    begin_fresh();
  }
  listen_to_teachers();
  after_shrink();
  make_step();
  return {};
}

void TrainingRun::begin_fresh() {
  state_ = {};
  begin_network(0);
  rule_ = BatchRule(recipe_.batch_size, recipe_.alpha_bs, cap());
}

// A dense network with its own start. The last teacher is the one that is pruned, and its start
// depends on the seed alone.
void TrainingRun::begin_network(int teacher) {
  const int others = recipe_.teachers - 1 - teacher;
  const auto seed = others == 0
                        ? recipe_.seed
                        : stream_key(recipe_.seed, kTeacher, static_cast<std::uint64_t>(teacher));
  state_.net = model::GatedMlp::make(recipe_.layers, recipe_.drop_rates, seed);
  state_.net.gated = recipe_.has_gates();
  see_as(teacher);
  state_.adam_time = 0;
  state_.network_steps = 0;
}

// The images as this teacher sees them, whole.
void TrainingRun::see_as(int teacher) {
  for (auto* source : {&source_, &validation_, &test_}) {
    source->use_basis(recipe_.inputs_of(teacher));
  }
}

Status TrainingRun::continue_from_checkpoint() {
  MARVEL_TRY(auto checkpoint, load_checkpoint(checkpoint_path()));
  if (checkpoint.fingerprint != fingerprint_) {
    return fail(Errc::kUsage,
                fmt::format("'{}' was started with other settings or data", out_.string()),
                "repeat the flags of the first run, or start afresh with --force");
  }
  state_ = std::move(checkpoint.state);
  see_as(recipe_.teacher_of(state_.epoch));
  seconds_before_ = state_.seconds;
  rule_ = BatchRule(recipe_.batch_size, recipe_.alpha_bs, cap());
  rule_.restore(state_.batch, state_.candidate);
  context_.log.info(fmt::format("resuming in epoch {} of {}", state_.epoch, recipe_.epochs));
  return {};
}

void TrainingRun::make_step() {
  if (recipe_.device == Device::kCuda) {
    state_.net.to(torch::kCUDA);
    step_ = model::make_tensor_step(state_.net, source_, soft_);
  } else {
    step_ = model::make_cpu_step(state_.net, source_, soft_, recipe_.threads);
  }
  if (!state_.open_counts.empty()) {
    step_->open_counts() = state_.open_counts;
  }
}

// Shapes changed: the sources drop the inputs that left, the step takes new buffers.
void TrainingRun::after_shrink() {
  for (auto* source : {&source_, &validation_, &test_}) {
    source->keep_inputs(state_.net.layers[0].inputs);
  }
  if (step_) {
    step_->network_changed();
  }
}

std::uint64_t TrainingRun::cap() const {
  const auto most = static_cast<std::uint64_t>(split_.train.size());
  if (recipe_.memory_budget == 0) {
    return most;
  }
  const auto use = memory_use(recipe_.memory_model, state_.net.widths(), recipe_.layers.front());
  return std::clamp<std::uint64_t>(batch_cap(recipe_.memory_budget, use), 1, most);
}

Result<TrainReport> TrainingRun::run() {
  context_.progress.begin("training",
                          static_cast<std::uint64_t>(recipe_.epochs) * split_.train.size());
  while (state_.epoch <= recipe_.epochs) {
    enter_epoch();
    MARVEL_TRY(const bool complete, train_epoch());
    MARVEL_TRY_STATUS(check_weights());
    if (!complete) {
      MARVEL_TRY_STATUS(save());
      context_.progress.end();
      return report("interrupted");
    }
    prune();
    record_epoch();
    ++state_.epoch;
    MARVEL_TRY_STATUS(save());
  }
  context_.progress.end();
  auto result = report_delivered();
  MARVEL_TRY_STATUS(deliver({state_.net, recipe_, data_, test_, out_, context_}, &result));
  result.memory.peak_rss_bytes = peak_rss_bytes();
  result.seconds_total = seconds_so_far();
  return result;
}

// Changes between phases happen at the start of an epoch, so that a checkpoint taken at the end of
// the one before it is the same whether the run goes on or resumes.
void TrainingRun::enter_epoch() {
  order_.resize(split_.train.size());
  random_permutation(stream_key(recipe_.seed, kOrder, static_cast<std::uint64_t>(state_.epoch)),
                     order_);
  if (state_.sums.samples > 0) {
    return;  // resumed inside the epoch: it has been entered before
  }
  if (recipe_.begins_teacher(state_.epoch) && state_.epoch > 1) {
    keep_as_teacher(recipe_.teacher_of(state_.epoch) - 1);
    begin_network(recipe_.teacher_of(state_.epoch));
    make_step();
  }
  if (recipe_.has_gates() && state_.epoch == recipe_.warmup_epochs + 1 &&
      recipe_.warmup_epochs > 0) {
    state_.dense_test_error = model::error_percent(state_.net, test_, model::Weights::kAverage);
    keep_as_teacher(recipe_.teachers - 1);
    listen_to_teachers();
  }
  if (recipe_.phase(state_.epoch) == Phase::kFineTune) {
    fold();
  }
}

void TrainingRun::fold() {
  if (gated()) {
    state_.net.fold_gates();
    state_.adam_time = 0;
    after_shrink();
  }
}

// The averaged network as it is now. A run that was stopped right after this enters the same epoch
// again, and must not count its teacher twice.
void TrainingRun::keep_as_teacher(int index) {
  if (recipe_.distill <= 0 || state_.teachers.size() > static_cast<std::size_t>(index)) {
    return;
  }
  auto& teacher = state_.teachers.emplace_back(state_.net);
  for (auto& layer : teacher.layers) {
    for (auto* parameter : {&layer.weight, &layer.bias, &layer.log_alpha}) {
      *parameter = model::Parameter::from(parameter->average.clone());
    }
  }
}

// From the end of warm-up on, what all teachers say together is part of what is learned.
void TrainingRun::listen_to_teachers() {
  const bool all_there = state_.teachers.size() == static_cast<std::size_t>(recipe_.teachers);
  if (all_there && state_.epoch > recipe_.warmup_epochs) {
    std::vector<model::InputBasis> bases;
    for (int teacher = 0; teacher < static_cast<int>(state_.teachers.size()); ++teacher) {
      bases.push_back(recipe_.inputs_of(teacher));
    }
    soft_ = model::make_soft_targets(state_.teachers, bases, source_, recipe_.temperature);
  }
}

// Whether the epoch came to its end; false when a stop was asked for.
Result<bool> TrainingRun::train_epoch() {
  while (state_.sums.samples < order_.size()) {
    if (context_.stop.raised()) {
      return false;
    }
    const auto begin = state_.sums.samples;
    const auto count =
        std::min<std::uint64_t>(static_cast<std::uint64_t>(rule_.batch()), order_.size() - begin);
    const auto started = Clock::now();
    MARVEL_TRY_STATUS(one_step(std::span(order_).subspan(begin, count)));
    state_.sums.seconds += seconds_since(started);
    show_progress();
  }
  return true;
}

Status TrainingRun::one_step(std::span<const std::uint32_t> samples) {
  const auto epoch = static_cast<std::uint64_t>(state_.epoch);
  const double progress =
      static_cast<double>(state_.sums.samples) / static_cast<double>(order_.size());
  const double lr_scale = recipe_.lr_scale(state_.epoch, progress);
  const double price = recipe_.price_scale(state_.epoch) * state_.pressure /
                       static_cast<double>(split_.train.size());
  std::vector<double> gate_price;
  for (std::size_t l = 0; l < state_.net.layers.size(); ++l) {
    gate_price.push_back(price * recipe_.lambda[l] *
                         static_cast<double>(state_.net.layers[l].out()));
  }
  model::StepInput input;
  input.samples = samples;
  input.augment_key = stream_key(recipe_.seed, kAugment, epoch);
  input.gate_key = stream_key(recipe_.seed, kGates, state_.step);
  input.adam_time = ++state_.adam_time;
  input.lr = recipe_.lr * lr_scale;
  input.gate_lr = recipe_.gate_lr * lr_scale;
  input.gates_rest = recipe_.phase(state_.epoch) == Phase::kWarmUp;
  input.average_decay = average_decay(recipe_.average_decay, state_.network_steps);
  input.weight_decay = recipe_.weight_decay;
  input.gate_price = gate_price;
  input.loss = {static_cast<float>(soft_.empty() ? 0.0 : recipe_.distill),
                static_cast<float>(recipe_.temperature)};
  input.measure_variance = recipe_.method == Method::kDynHp;
  const model::StepResult result = step_->run(input);
  if (!result.finite) {
    return diverged("loss", state_.sums.steps + 1);
  }
  ++state_.step;
  ++state_.network_steps;
  ++state_.sums.steps;
  state_.sums.samples += samples.size();
  state_.sums.correct += result.correct;
  state_.sums.loss += result.loss * static_cast<double>(samples.size());
  state_.sums.regularizer += result.regularizer;
  if (input.measure_variance) {
    state_.sums.ratio += result.loss > 0 ? result.variance / result.loss : 0;
    rule_.after_gradient(result.variance, result.loss);
  }
  return {};
}

tl::unexpected<Error> TrainingRun::diverged(std::string_view what, std::uint64_t step) const {
  return fail(Errc::kFailed,
              fmt::format("the {} became NaN or infinite in epoch {}, step {}; {}", what,
                          state_.epoch, step,
                          state_.epoch == 1 ? "there is no good epoch before it to go back to"
                                            : "the checkpoint of the last good epoch is kept in '" +
                                                  out_.string() + "'"),
              "try a smaller --lr");
}

// The loss shows what the steps before it did. What the last step did must not be saved unseen.
Status TrainingRun::check_weights() const {
  for (const auto& layer : state_.net.layers) {
    for (const auto* parameter : {&layer.weight, &layer.bias, &layer.log_alpha}) {
      for (const auto* tensor : {&parameter->value, &parameter->average}) {
        if (!tensor->isfinite().all().item<bool>()) {
          return diverged("weights", state_.sums.steps);
        }
      }
    }
  }
  return {};
}

void TrainingRun::show_progress() {
  const auto done =
      static_cast<std::uint64_t>(state_.epoch - 1) * order_.size() + state_.sums.samples;
  context_.progress.update(
      done,
      fmt::format("epoch {}/{} {}, loss {:.4f}, batch {}", state_.epoch, recipe_.epochs,
                  phase_name(recipe_.phase(state_.epoch)),
                  state_.sums.loss / static_cast<double>(state_.sums.samples), rule_.batch()));
}

double TrainingRun::scheduled_parameters() const {
  const auto dense = static_cast<double>(model::mlp_parameters(recipe_.layers));
  return recipe_.scheduled_size(dense, state_.epoch);
}

void TrainingRun::prune() {
  auto& counts = step_->open_counts();
  if (gated() && recipe_.prunes() && recipe_.phase(state_.epoch) == Phase::kPrune) {
    std::vector<std::vector<std::int32_t>> positions;
    for (const auto& layer : counts) {
      positions.push_back(active_positions(layer, state_.sums.steps, recipe_.threshold));
    }
    keep(positions);
    if (recipe_.target_reduction > 0) {
      steer();
      trim_to_schedule();
    }
  }
  for (auto& layer : step_->open_counts()) {
    std::fill(layer.begin(), layer.end(), 0U);
  }
  rule_.after_epoch(cap());
}

void TrainingRun::keep(const std::vector<std::vector<std::int32_t>>& positions) {
  for (std::size_t l = 0; l < positions.size(); ++l) {
    if (static_cast<int64_t>(positions[l].size()) < state_.net.layers[l].in()) {
      state_.net.keep_inputs(l, positions[l]);
    }
  }
  after_shrink();
}

// After every epoch of pruning the network goes down to what the schedule allows, least active unit
// first. Steps of a few percent, each followed by training, cost far less error than one large
// cut at the end (docs/design/003-recipe.md).
void TrainingRun::trim_to_schedule() {
  std::vector<std::vector<double>> rates;
  std::vector<std::vector<std::int32_t>> positions;
  for (const auto& layer : state_.net.layers) {
    rates.push_back(model::open_rates(layer));
    positions.emplace_back(rates.back().size());
    std::iota(positions.back().begin(), positions.back().end(), 0);
  }
  const auto most = static_cast<std::uint64_t>(scheduled_parameters());
  trim_to(most, rates, recipe_.layers, &positions);
  keep(positions);
}

// The price follows the schedule too: above it the price rises, below it the price falls. The size
// that counts is the expected one, sum of P(z > 0), because it moves before any unit leaves.
void TrainingRun::steer() {
  const double ratio = model::expected_parameters(state_.net) / scheduled_parameters();
  state_.pressure = std::clamp(state_.pressure * std::clamp(ratio, 0.75, 1.35), 0.02, 100.0);
}

void TrainingRun::record_epoch() {
  const auto& sums = state_.sums;
  const auto samples = static_cast<double>(sums.samples);
  const auto steps = static_cast<double>(sums.steps);
  EpochRecord record;
  record.epoch = state_.epoch;
  record.phase = phase_name(recipe_.phase(state_.epoch));
  record.loss = sums.loss / samples;
  record.regularizer = sums.regularizer / steps;
  record.train_error_percent = 100.0 * (1.0 - static_cast<double>(sums.correct) / samples);
  record.validation_error_percent =
      model::error_percent(state_.net, validation_, model::Weights::kAverage);
  record.test_error_percent = model::error_percent(state_.net, test_, model::Weights::kAverage);
  record.batch_size = rule_.batch();
  record.units = state_.net.widths();
  record.parameters = state_.net.parameters();
  record.macs = state_.net.macs();
  record.memory_bytes = seed_epoch_bytes(record.units, recipe_.layers.front(), record.batch_size);
  record.variance_ratio = sums.ratio / steps;
  record.seconds = sums.seconds;
  context_.progress.milestone(fmt::format(
      "epoch {:>3}/{} {:<9} loss {:.4f}  validation {:5.2f} %  test {:5.2f} %  units {}  batch {}  "
      "{:.2f} s",
      record.epoch, recipe_.epochs, record.phase, record.loss, record.validation_error_percent,
      record.test_error_percent, fmt::join(record.units, "-"), record.batch_size, record.seconds));
  state_.history.push_back(std::move(record));
  state_.sums = {};
}

Status TrainingRun::save() {
  state_.batch = rule_.batch();
  state_.candidate = rule_.candidate();
  state_.open_counts = step_->open_counts();
  state_.seconds = seconds_so_far();
  return save_checkpoint(checkpoint_path(), state_, fingerprint_);
}

TrainReport TrainingRun::report(std::string status) const {
  TrainReport report;
  report.status = std::move(status);
  report.model = "mlp";
  report.data = data_.name;
  report.method = method_name(recipe_.method);
  report.architecture_dense = recipe_.layers;
  report.architecture = state_.net.widths();
  report.parameters_dense = model::mlp_parameters(recipe_.layers);
  report.parameters = state_.net.parameters();
  report.reduction_percent = 100.0 * (1.0 - static_cast<double>(report.parameters) /
                                                static_cast<double>(report.parameters_dense));
  report.macs_dense = model::mlp_macs(recipe_.layers);
  report.macs = state_.net.macs();
  report.macs_inputs = model::input_macs({recipe_.inputs, data_.test.rows, data_.test.columns});
  report.dense_test_error_percent = state_.dense_test_error;
  add_epochs(state_.history, &report);
  report.memory.peak_rss_bytes = peak_rss_bytes();
  report.seconds_total = seconds_so_far();
  report.threads = recipe_.threads;
  report.device = device_name(recipe_.device);
  describe_build(&report);
  report.settings = settings_of(recipe_);
  report.settings.emplace_back("variance",
                               "exact: unbiased per-sample variance of every weight and bias");
  return report;
}

// A run without fine-tuning still has its gates. A model has none, so that what is saved is the
// folded network, and the final figures are measured on that one.
TrainReport TrainingRun::report_delivered() {
  const bool had_gates = gated();
  fold();
  auto result = report("finished");
  if (had_gates) {
    result.validation_error_percent =
        model::error_percent(state_.net, validation_, model::Weights::kAverage);
    result.test_error_percent = model::error_percent(state_.net, test_, model::Weights::kAverage);
  }
  return result;
}

}  // namespace marvel::compress
