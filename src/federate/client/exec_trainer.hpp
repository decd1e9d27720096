#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "federate/client/trainer.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace marvel::federate {

// A trainer in any language: a command that is run for each task in a folder of its own.
//   MARVEL_TASK   "initial", "train" or "evaluate", in the environment
//   params.npz    the model: there before "train" and "evaluate", and after "initial" and "train"
//   config.json   the server's settings, one object
//   metrics.json  written by the command after "train" and "evaluate": "examples" (whole number),
//                 for "evaluate" also "loss"; every other number, text or truth is a metric
// The command inherits standard error; its standard output is discarded. It is killed with all its
// children when a stop is asked for.
//
// kFailed when the command ends with another code than 0; kInput, naming the file, when what it
// left cannot be used.
//
// A command in Python:
//
//   config = json.load(open("config.json"))  # {"marvel.round": 3, ...}
//   model = numpy.load("params.npz")
//   arrays = [model[name] for name in model.files]  # arr_0, arr_1, ...; to be trained
//   numpy.savez("params.npz", *arrays)
//   json.dump({"examples": 600, "loss": 0.31}, open("metrics.json", "w"))
//
// The command goes through /bin/sh in the trainer's folder, with standard input empty; settings
// that are bytes are null in config.json. At a stop it gets SIGTERM, and SIGKILL five seconds
// later. What else it keeps in the folder is its own, over all rounds.
class ExecTrainer : public Trainer {
 public:
  // Makes a folder below `parent` that goes away with the trainer. kUnavailable when it cannot.
  // `stop` must outlive it. The command is not tried before the first task.
  static Result<std::unique_ptr<ExecTrainer>> make(const std::string& command,
                                                   const std::filesystem::path& parent,
                                                   const StopFlag& stop);
  ExecTrainer(const ExecTrainer&) = delete;
  ExecTrainer& operator=(const ExecTrainer&) = delete;
  ~ExecTrainer() override;

  Result<Model> initial() override;
  Result<Trained> train(const Model& global, const wire::Config& config) override;
  Result<Evaluated> evaluate(const Model& global, const wire::Config& config) override;

 private:
  ExecTrainer(std::string command, std::filesystem::path folder, const StopFlag& stop)
      : command_(std::move(command)), folder_(std::move(folder)), stop_(stop) {}
  // Blocks until the command and, after a stop, its children have ended.
  Status run(const char* task);
  Status hand_over(const Model& global, const wire::Config& config);

  std::string command_;
  std::filesystem::path folder_;
  const StopFlag& stop_;
};

}  // namespace marvel::federate
