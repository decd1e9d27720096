#include "base/file.hpp"
#include "base/folder_lock.hpp"
#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "cli/compress_view.hpp"
#include "cli/exit_code.hpp"
#include "cli/ml_plugin.hpp"
#include "cli/model_file.hpp"
#include "compress/options.hpp"
#include "compress/report.hpp"
#include "compress/run_folder.hpp"
#include "config/json.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace marvel::cli {
namespace {

using compress::Device;
using compress::EvalOptions;
using compress::MemoryModel;
using compress::Method;
using compress::TrainOptions;

constexpr const char* kTrainName = "marvel compress train";

// --- flags ---

// The variable MARVEL_DATA is the folder where names are looked for, so it cannot preset the flag.
void bind_data(Binder& bind, std::string& data) {
  bind.this_run_only(true);
  auto& notes = bind.value("--data", "NAME|FOLDER", data,
                           "Data set: fashion-mnist, mnist, or a folder of IDX files");
  notes.choices = {"fashion-mnist", "mnist"};
  notes.files = Files::kFolder;
  bind.this_run_only(false);
}

Row data_folder_row() {
  return {"MARVEL_DATA", "Folder with mnist/ and fashion-mnist/, looked into first"};
}

void bind_machine(Binder& bind, int& threads, const std::string& threads_help, Device& device) {
  bind.value("--threads", "N", threads, threads_help);
  // The words of all commands that have this flag, so that one variable serves them all.
  bind.choice(
      "--device", {"cpu", "cuda", "auto", "host", "gpu"}, 0,
      [&device](std::size_t index) {
        device = index == 1 || index == 4 ? Device::kCuda : Device::kCpu;
      },
      "Where to compute; auto and host are the CPU, gpu is cuda");
}

void bind_common(Binder& bind, TrainOptions& options) {
  bind.group("Common flags");
  bind_data(bind, options.data);
  bind.choice(
      "--method", {"none", "sp", "hp", "dynhp"}, 3,
      [&options](std::size_t index) { options.method = static_cast<Method>(index); },
      "none: dense; sp: prune when fine-tuning begins; hp: prune after each epoch; dynhp: hp with "
      "a batch that grows");
  bind.this_run_only(true);
  bind.value("--out", "FOLDER", options.out,
             "For model, reports and checkpoint [marvel-MODEL-DATA-METHOD]")
      .files = Files::kFolder;
  bind.flag("--resume", options.resume, "Go on from the checkpoint in --out");
  bind.flag("--force", options.force, "Replace what stands in --out");
  bind.this_run_only(false);
  bind.value("--epochs", "N", options.epochs, "Epochs in all [by data and method]");
  bind.value("--target-reduction", "SHARE", options.target_reduction,
             "Stop pruning when this share of parameters is gone, in (0, 1)");
  bind.size("--memory-budget", options.memory_budget,
            "Cap on parameters plus batch, as in 64MiB; bounds the batch of dynhp");
  bind_machine(bind, options.threads, "CPU threads; 0 uses all cores, two at most for an MLP",
               options.device);
  bind.value("--seed", "N", options.seed, "Start of all random numbers");
}

void bind_network(Binder& bind, TrainOptions& options) {
  bind.group("Network and data");
  bind.value("--model", "NAME", options.model, "Kind of network").choices = {"mlp"};
  bind.value("--layers", "N,N,...", options.layers, "Units per layer, input first");
  bind.value("--validation", "N", options.validation,
             "Training samples held back to measure on, 0 for none");
  bind.value(
          "--inputs", "WORD", options.inputs,
          "What the first layer sees and gates choose from: pixels, or haar, the image's wavelet "
          "coefficients [by data and target]")
      .choices = {"pixels", "haar"};
  auto& augment = bind.value("--augment", "WORD", options.augment,
                             "Changed copies of images: none, shift, flip, shift+flip [by data]");
  augment.choices = {"none", "shift", "flip", "shift+flip"};
}

void bind_training(Binder& bind, TrainOptions& options) {
  bind.group("Training (unset: chosen by data and method)");
  bind.value("--warmup-epochs", "N", options.warmup_epochs, "Epochs before gates have a price");
  bind.value("--finetune-epochs", "N", options.finetune_epochs, "Epochs at the end without gates");
  bind.value("--batch-size", "N", options.batch_size, "Samples per step; dynhp starts with it");
  bind.value("--lr", "RATE", options.lr, "Adam step size of weights");
  bind.value("--weight-decay", "X", options.weight_decay, "L2 price on weights, at least 0");
  bind.value("--distill", "SHARE", options.distill,
             "Weight of the teachers' answers in the loss, 0 to 1");
  bind.value("--teachers", "N", options.teachers,
             "Dense networks trained in warm-up; all of them teach, the last one is pruned");
}

void bind_pruning(Binder& bind, TrainOptions& options) {
  bind.group("Pruning (unset: chosen by data and method)");
  bind.value("--lambda", "X,X,...", options.lambda,
             "Price of an open weight, one for all layers or one per layer");
  bind.value("--gate-lr", "RATE", options.gate_lr, "Adam step size of gates");
  bind.value("--threshold", "SHARE", options.threshold,
             "Units active less often than this leave, in (0, 1)");
  bind.value("--alpha-bs", "X", options.alpha_bs, "Smoothing of the batch rule, 0 to 1");
  bind.choice(
      "--memory-model", {"seed", "full"}, 0,
      [&options](std::size_t index) {
        options.memory_model = index == 0 ? MemoryModel::kSeed : MemoryModel::kFull;
      },
      "What the budget counts; seed: parameters and inputs, full: all of training");
}

// --- train ---

// "marvel-mlp-mnist-dynhp"; of a folder of data its own name counts.
std::string default_out(const TrainOptions& options) {
  auto data = std::filesystem::path(options.data).lexically_normal();
  data = data.has_filename() ? data.filename() : data.parent_path().filename();
  return "marvel-" + options.model + "-" + data.string() + "-" +
         std::string(method_name(options.method));
}

Status complete_options(TrainOptions& options) {
  if (options.data.empty()) {
    return fail(Errc::kUsage, "--data is missing", "name a data set, as in --data fashion-mnist");
  }
  if (options.out.empty()) {
    options.out = default_out(options);
  }
  return validate(options);
}

Status write_reports(const compress::TrainReport& report, const std::filesystem::path& out) {
  MARVEL_TRY_STATUS(write_file_atomically(out / compress::kReportFile, to_json(report)));
  return write_file_atomically(out / compress::kPageFile, train_html(report));
}

bool missed_target(const TrainOptions& options, const compress::TrainReport& report) {
  return options.target_reduction && report.parameters >= report.parameters_dense;
}

Answer train_answer(const TrainOptions& options, const compress::TrainReport& report, int signal) {
  Answer answer{train_table(report), to_json(report), kExitDone, ""};
  if (report.status == "interrupted") {
    answer.exit_code = exit_code_of_signal(signal);
    answer.notice = "Interrupted. To go on: repeat the command with --resume --out " + options.out;
  } else if (missed_target(options, report)) {
    answer.exit_code = kExitNo;
    answer.notice = std::string(kTrainName) +
                    ": nothing was pruned, so --target-reduction was missed; raise --lambda or "
                    "--epochs";
  } else {
    answer.notice = "Next: marvel compress eval " + report.model_path + " --data " + options.data;
  }
  return answer;
}

Result<Answer> run_train(TrainOptions& options, Session& session) {
  MARVEL_TRY_STATUS(complete_options(options));
  MARVEL_TRY(const compress::MlApi* ml, load_ml_plugin(session.environment));
  FolderLock lock;  // until the reports are written
  MARVEL_TRY(const compress::TrainReport report, ml->train(options, session.context, &lock));
  MARVEL_TRY_STATUS(write_reports(report, options.out));
  return train_answer(options, report, session.context.stop.signal());
}

void register_train(CommandTree& tree, CLI::App& compress) {
  CommandNotes notes;
  notes.examples = {
      {"marvel compress train --data fashion-mnist", "prune and grow the batch, built-in recipe"},
      {"marvel compress train --data mnist --method none --epochs 20 --out dense",
       "the dense network to compare with"},
      {"marvel compress train --data mnist --out run1 --resume", "go on after Ctrl-C"}};
  notes.exit_codes = {{"1", "--target-reduction was set and nothing was pruned"},
                      {"3", "the world refused: disk full, training diverged"},
                      {"130", "stopped by Ctrl-C; --resume goes on"},
                      {"143", "stopped by SIGTERM; --resume goes on"}};
  notes.environment = {data_folder_row()};
  notes.see_also = {"compress eval", "compress inspect", "config show"};
  const auto options = std::make_shared<TrainOptions>();
  notes.run = [options](Session& session) { return run_train(*options, session); };
  CLI::App& command = tree.add(compress, "train", "Train a network and prune it on the way",
                               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind_common(bind, *options);
  bind_network(bind, *options);
  bind_training(bind, *options);
  bind_pruning(bind, *options);
}

// --- eval and inspect ---

Result<Answer> run_eval(const EvalOptions& options, Session& session) {
  if (options.data.empty()) {
    return fail(Errc::kUsage, "--data is missing", "name the data set the model was trained on");
  }
  MARVEL_TRY_STATUS(validate(options));
  MARVEL_TRY(const compress::MlApi* ml, load_ml_plugin(session.environment));
  MARVEL_TRY(const ModelFile file, ModelFile::open(options.model, session.environment));
  EvalOptions known = options;
  known.model = file.path();
  MARVEL_TRY(compress::EvalReport report, ml->evaluate(known, session.context));
  report.model_path = options.model;
  report.model_bytes = file.bytes();
  return Answer{eval_table(report), to_json(report), kExitDone, ""};
}

void bind_model_file(Binder& bind, std::string& model) {
  auto& notes = bind.positional(
      "model", model, "A model.pt of marvel compress train, or a model.npz of marvel fedl server");
  notes.required = true;
  notes.files = Files::kFile;
}

void register_eval(CommandTree& tree, CLI::App& compress) {
  CommandNotes notes;
  notes.examples = {{"marvel compress eval run1/model.pt --data mnist",
                     "test error, size and latency of a saved model"}};
  notes.environment = {data_folder_row()};
  notes.see_also = {"compress train", "compress inspect"};
  const auto options = std::make_shared<EvalOptions>();
  notes.run = [options](Session& session) { return run_eval(*options, session); };
  CLI::App& command = tree.add(compress, "eval", "Measure a saved model on test data", "Commands",
                               std::move(notes));
  Binder bind(tree, command);
  bind_model_file(bind, options->model);
  bind.group("Common flags");
  bind_data(bind, options->data);
  bind_machine(bind, options->threads, "CPU threads", options->device);
  bind.value("--latency-runs", "N", options->latency_runs,
             "Single-sample forward passes that are timed");
}

Result<Answer> run_inspect(const std::string& model, Session& session) {
  MARVEL_TRY(const compress::MlApi* ml, load_ml_plugin(session.environment));
  MARVEL_TRY(const ModelFile file, ModelFile::open(model, session.environment));
  MARVEL_TRY(compress::ModelDescription description, ml->inspect(file.path(), session.context));
  description.model_path = model;
  description.model_bytes = file.bytes();
  MARVEL_TRY(const std::string readable, yaml_from_json(description.json));
  const std::string head = "model: " + description.model_path + "\n" +
                           "bytes: " + std::to_string(description.model_bytes) + "\n";
  return Answer{head + readable, description.json, kExitDone, ""};
}

void register_inspect(CommandTree& tree, CLI::App& compress) {
  CommandNotes notes;
  notes.examples = {
      {"marvel compress inspect run1/model.pt", "layers, kept units and how it was trained"}};
  notes.see_also = {"compress train", "compress eval"};
  const auto model = std::make_shared<std::string>();
  notes.run = [model](Session& session) { return run_inspect(*model, session); };
  CLI::App& command = tree.add(compress, "inspect", "Show what a saved model says of itself",
                               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind_model_file(bind, *model);
}

void fill_compress(CommandTree& tree, CLI::App& compress) {
  register_train(tree, compress);
  register_eval(tree, compress);
  register_inspect(tree, compress);
}

}  // namespace

void register_compress(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {{"marvel compress train --data fashion-mnist", "train and prune"},
                    {"marvel compress eval run1/model.pt --data mnist", "measure the result"}};
  tree.add_closed("compress", "Make neural networks small while they train", "Models",
                  std::move(notes), fill_compress);
}

}  // namespace marvel::cli
