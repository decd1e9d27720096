#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "compress/batch_rule.hpp"
#include "compress/recipe.hpp"
#include "compress/report.hpp"
#include "compress/run_state.hpp"
#include "compress/samples.hpp"
#include "data/dataset.hpp"
#include "model/batch_source.hpp"
#include "model/training_step.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::compress {

// One run of train() (train.hpp) from its first step to its report. Recipe and data have been
// checked, and the folder is this run's alone. start() once, then run() once:
//   TrainingRun run(std::move(recipe), std::move(data), options.out, started, context);
//   MARVEL_TRY_STATUS(run.start(options.resume));
//   return run.run();
// The only state that survives a step is RunState; everything else is rebuilt from it. Errors are
// those of train(). It stays where it is made, because its parts refer to each other. One thread
// calls; the steps have threads of their own.
class TrainingRun {
 public:
  using Clock = std::chrono::steady_clock;

  // `started` is when this process began with the run, so that loading data counts as well.
  // `context` must outlive this.
  TrainingRun(Recipe recipe, data::Dataset data, std::filesystem::path out,
              Clock::time_point started, Context& context);

  // From the first step, or with `resume` from the checkpoint, if there is one.
  Status start(bool resume);
  Result<TrainReport> run();

 private:
  [[nodiscard]] std::filesystem::path checkpoint_path() const;
  [[nodiscard]] bool gated() const { return state_.net.gated; }
  [[nodiscard]] std::uint64_t cap() const;
  void begin_fresh();
  void begin_network(int teacher);
  void see_as(int teacher);
  Status continue_from_checkpoint();
  void make_step();
  void after_shrink();
  void enter_epoch();
  void fold();
  void keep_as_teacher(int index);
  void listen_to_teachers();
  Result<bool> train_epoch();
  Status one_step(std::span<const std::uint32_t> samples);
  [[nodiscard]] tl::unexpected<Error> diverged(std::string_view what, std::uint64_t step) const;
  [[nodiscard]] Status check_weights() const;
  void show_progress();
  void prune();
  void steer();
  void trim_to_schedule();
  void keep(const std::vector<std::vector<std::int32_t>>& positions);
  [[nodiscard]] double scheduled_parameters() const;
  void record_epoch();
  Status save();
  [[nodiscard]] double seconds_so_far() const;
  [[nodiscard]] TrainReport report(std::string status) const;
  TrainReport report_delivered();

  Recipe recipe_;
  data::Dataset data_;
  std::filesystem::path out_;
  Clock::time_point started_;
  double seconds_before_ = 0;  // of the processes that this one goes on for
  Context& context_;
  Split split_;
  model::BatchSource source_;
  model::BatchSource validation_;
  model::BatchSource test_;
  std::string fingerprint_;
  RunState state_;
  model::SoftTargets soft_;
  BatchRule rule_{1, 1.0, 1};
  std::unique_ptr<model::TrainingStep> step_;
  std::vector<std::uint32_t> order_;
};

}  // namespace marvel::compress
