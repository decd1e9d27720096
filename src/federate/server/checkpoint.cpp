#include "federate/server/checkpoint.hpp"

#include "base/file.hpp"
#include "federate/array/npz.hpp"
#include "federate/server/privacy_json.hpp"
#include "federate/server/report_json.hpp"
#include "federate/server/round_reading.hpp"
#include "federate/server/whole_number.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "marvel.fedl.state/1";
constexpr const char* kStateFile = "state.json";

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_from(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

Json history_json(const ClientHistory& history) {
  return {{"examples", history.examples},
          {"availability", history.availability},
          {"response", history.response},
          {"selected", history.selected},
          {"merged", history.merged},
          {"refused", history.refused},
          {"last_merged", history.last_merged},
          {"loss", optional_json(history.loss)},
          {"accuracy", optional_json(history.accuracy)},
          {"update_norm", optional_json(history.update_norm)},
          {"norm_variance", optional_json(history.norm_variance)}};
}

ClientHistory history_from(const Json& json) {
  ClientHistory history;
  history.examples = whole_number(json.at("examples"));
  json.at("availability").get_to(history.availability);
  json.at("response").get_to(history.response);
  history.selected = whole_number(json.at("selected"));
  history.merged = whole_number(json.at("merged"));
  history.refused = whole_number(json.at("refused"));
  history.last_merged = whole_number(json.at("last_merged"));
  history.loss = optional_from(json.at("loss"));
  history.accuracy = optional_from(json.at("accuracy"));
  history.update_norm = optional_from(json.at("update_norm"));
  history.norm_variance = optional_from(json.at("norm_variance"));
  return history;
}

// Beside the state, the names of the files that belong to it.
struct Files {
  std::string strategy;
  std::string model;
  std::vector<std::string> moments;
};

Files files_of(std::uint64_t round, std::size_t moments, const std::string& strategy) {
  Files files{strategy, fmt::format("model-{}.npz", round), {}};
  for (std::size_t i = 0; i < moments; ++i) {
    files.moments.push_back(fmt::format("moments-{}-{}.npz", round, i));
  }
  return files;
}

struct StateFile {
  RunState state;
  Files files;
};

Json state_json(const RunState& state, const Files& files) {
  Json histories = Json::object();
  for (const auto& [name, history] : state.histories) {
    histories[name] = history_json(history);
  }
  Json json{{"schema", kSchema},
            {"run", state.run},
            {"round", state.round},
            {"strategy", files.strategy},
            {"model", files.model},
            {"moments", files.moments},
            {"best_loss", optional_json(state.best_loss)},
            {"best_round", state.best_round},
            {"judged_round", state.judged_round},
            {"accuracy", optional_json(state.accuracy)},
            {"clients", std::move(histories)}};
  if (state.privacy) {
    json["privacy"] = privacy_json(*state.privacy);
  }
  if (state.unreported) {
    json["unreported"] = Json::parse(round_json(*state.unreported));
  }
  return json;
}

// What files of earlier versions lack stays as it is in a new run.
void read_judgement(const Json& json, RunState& state) {
  if (json.contains("best_loss")) {
    state.best_loss = optional_from(json.at("best_loss"));
    state.best_round = whole_number(json.at("best_round"));
  }
  if (json.contains("judged_round")) {
    state.judged_round = whole_number(json.at("judged_round"));
    state.accuracy = optional_from(json.at("accuracy"));
  }
}

// Names come from clients: what is no UTF-8 must not stop a run.
std::string text_of(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// A file's name as we write it, so that a changed state.json leads nowhere else.
bool is_plain_name(const std::string& name) {
  return name.ends_with(".npz") && name.find('/') == std::string::npos;
}

Result<StateFile> parse_state(const fs::path& path, const std::string& text) {
  const auto damaged = [&](const std::string& why) {
    return fail(Errc::kInput, fmt::format("'{}' is damaged: {}", path.string(), why));
  };
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != kSchema) {
      return damaged("it is of another version of marvel");
    }
    StateFile file;
    json.at("run").get_to(file.state.run);
    file.state.round = whole_number(json.at("round"));
    json.at("strategy").get_to(file.files.strategy);
    json.at("model").get_to(file.files.model);
    json.at("moments").get_to(file.files.moments);
    read_judgement(json, file.state);
    for (const auto& [name, history] : json.at("clients").items()) {
      file.state.histories[name] = history_from(history);
    }
    if (json.contains("privacy")) {
      file.state.privacy = privacy_from(json.at("privacy"));
    }
    const auto& moments = file.files.moments;
    if (json.contains("unreported")) {
      MARVEL_TRY(file.state.unreported, read_round(json.at("unreported").dump()));
    }
    if (!is_plain_name(file.files.model) ||
        !std::all_of(moments.begin(), moments.end(), is_plain_name)) {
      return damaged("it names files elsewhere");
    }
    return file;
  } catch (const nlohmann::json::exception& error) {
    return damaged(error.what());
  }
}

// Takes a word, or a number of one digit at least, off the front; false when none is there.
bool take(std::string_view& name, std::string_view word) {
  const bool there = name.starts_with(word);
  name.remove_prefix(there ? word.size() : 0);
  return there;
}
bool take_number(std::string_view& name) {
  const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
  name.remove_prefix(digits);
  return digits > 0;
}

// "model-12.npz", "moments-12-0.npz", or such a file half written; never a user's "model-best.npz"
// or "model-2024-05-01.npz".
bool is_of_a_round(std::string_view name) {
  const bool numbered = take(name, "model-") ? take_number(name)
                                             : take(name, "moments-") && take_number(name) &&
                                                   take(name, "-") && take_number(name);
  return numbered && (name == ".npz" || name.starts_with(".npz.tmp"));
}

}  // namespace

Checkpoint::Checkpoint(fs::path folder, std::string strategy)
    : folder_(std::move(folder)),
      strategy_(std::move(strategy)),
      rounds_(folder_ / "rounds.jsonl") {}

Result<FolderLock> Checkpoint::prepare(bool resume) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    return fail(Errc::kInput,
                fmt::format("cannot make folder '{}': {}", folder_.string(), error.message()));
  }
  // First: what is in the folder of a server that runs changes while we look.
  MARVEL_TRY(FolderLock lock,
             FolderLock::take(folder_, {"server", "checkpoint folder", "--checkpoint"}));
  if (!resume && fs::exists(folder_ / kStateFile, error)) {
    return fail(Errc::kInput, fmt::format("'{}' holds a run already", folder_.string()),
                "go on with --resume, or name another --checkpoint");
  }
  return lock;
}

Result<std::optional<std::string>> Checkpoint::saved_strategy() const {
  std::error_code ignored;
  const fs::path path = folder_ / kStateFile;
  if (!fs::exists(path, ignored)) {
    return std::optional<std::string>();
  }
  MARVEL_TRY(const std::string text, read_file(path));
  MARVEL_TRY(StateFile file, parse_state(path, text));
  return std::optional(std::move(file.files.strategy));
}

Result<std::optional<RunState>> Checkpoint::load() const {
  std::error_code ignored;
  const fs::path path = folder_ / kStateFile;
  if (!fs::exists(path, ignored)) {
    return std::optional<RunState>();
  }
  MARVEL_TRY(const std::string text, read_file(path));
  MARVEL_TRY(StateFile file, parse_state(path, text));
  const std::string& strategy = file.files.strategy;
  if (strategy != strategy_) {
    return fail(Errc::kInput,
                fmt::format("the run in '{}' has strategy {}", folder_.string(), strategy),
                "resume with --strategy " + strategy);
  }
  MARVEL_TRY(Model model, load_npz(folder_ / file.files.model));
  file.state.model = std::make_shared<const Model>(std::move(model));
  for (const auto& name : file.files.moments) {
    MARVEL_TRY(file.state.moments.emplace_back(), load_npz(folder_ / name));
  }
  MARVEL_TRY(file.state.reports, rounds_.load(file.state.round));
  auto& left = file.state.unreported;
  if (left && !file.state.reports.empty() && file.state.reports.back().round >= left->round) {
    left.reset();  // the process died right after it had reported
  }
  return std::optional(std::move(file.state));
}

Status Checkpoint::save(const RunState& state, const std::vector<const Model*>& moments,
                        bool with_copy) const {
  if (state.round == 0) {
    rounds_.remove();  // of a run whose state.json somebody has deleted
  }
  const Files files = files_of(state.round, moments.size(), strategy_);
  MARVEL_TRY_STATUS(save_npz(folder_ / files.model, *state.model));
  for (std::size_t i = 0; i < moments.size(); ++i) {
    MARVEL_TRY_STATUS(save_npz(folder_ / files.moments[i], *moments[i]));
  }
  MARVEL_TRY_STATUS(note(state, moments.size()));
  if (with_copy) {
    copy_model(state.round);
  }
  std::vector<std::string> kept = files.moments;
  kept.push_back(files.model);
  delete_others(kept);
  return {};
}

Status Checkpoint::note(const RunState& state, std::size_t moments) const {
  const Files files = files_of(state.round, moments, strategy_);
  return write_file_atomically(folder_ / kStateFile, text_of(state_json(state, files)));
}

void Checkpoint::copy_model(std::uint64_t round) const {
  std::error_code ignored;
  const fs::path fresh = folder_ / "model.npz.tmp";
  fs::remove(fresh, ignored);
  // A copy, not a link: people edit it.
  if (fs::copy_file(folder_ / files_of(round, 0, strategy_).model, fresh,
                    fs::copy_options::overwrite_existing, ignored)) {
    fs::rename(fresh, model_path(), ignored);
  } else {  // as on a full disk: the older copy is whole
    fs::remove(fresh, ignored);
  }
}

// What cannot be deleted harms nobody, either.
void Checkpoint::delete_others(const std::vector<std::string>& kept) const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (is_of_a_round(name) && std::find(kept.begin(), kept.end(), name) == kept.end()) {
      fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace marvel::federate
