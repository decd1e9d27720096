#include "federate/server/checkpoint.hpp"

#include "base/file.hpp"
#include "federate/array/npz.hpp"
#include "federate/server/privacy_json.hpp"
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

struct StateFile {
  RunState state;
  std::string strategy;
  std::string model;  // names of files
  std::vector<std::string> moments;
};

Json state_json(const StateFile& file) {
  Json histories = Json::object();
  for (const auto& [name, history] : file.state.histories) {
    histories[name] = history_json(history);
  }
  Json json{{"schema", kSchema},
            {"run", file.state.run},
            {"round", file.state.round},
            {"strategy", file.strategy},
            {"model", file.model},
            {"moments", file.moments},
            {"best_loss", optional_json(file.state.best_loss)},
            {"best_round", file.state.best_round},
            {"clients", std::move(histories)}};
  if (file.state.privacy) {
    json["privacy"] = privacy_json(*file.state.privacy);
  }
  return json;
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
    json.at("strategy").get_to(file.strategy);
    json.at("model").get_to(file.model);
    json.at("moments").get_to(file.moments);
    if (json.contains("best_loss")) {  // not in files of the first version
      file.state.best_loss = optional_from(json.at("best_loss"));
      file.state.best_round = whole_number(json.at("best_round"));
    }
    for (const auto& [name, history] : json.at("clients").items()) {
      file.state.histories[name] = history_from(history);
    }
    if (json.contains("privacy")) {
      file.state.privacy = privacy_from(json.at("privacy"));
    }
    if (!is_plain_name(file.model) ||
        !std::all_of(file.moments.begin(), file.moments.end(), is_plain_name)) {
      return damaged("it names files elsewhere");
    }
    return file;
  } catch (const nlohmann::json::exception& error) {
    return damaged(error.what());
  }
}

// "model-12.npz" and the like, or such a file half written; never a user's "model-best.npz".
bool is_of_a_round(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) {
    return false;
  }
  name.remove_prefix(prefix.size());
  const auto digits = name.find_first_not_of("0123456789-");
  return digits != 0 && digits != std::string_view::npos &&
         (name.substr(digits) == ".npz" || name.substr(digits) == ".npz.tmp");
}

}  // namespace

Checkpoint::Checkpoint(fs::path folder, std::string strategy)
    : folder_(std::move(folder)), strategy_(std::move(strategy)) {}

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

Result<std::optional<RunState>> Checkpoint::load() const {
  std::error_code ignored;
  const fs::path path = folder_ / kStateFile;
  if (!fs::exists(path, ignored)) {
    return std::optional<RunState>();
  }
  MARVEL_TRY(const std::string text, read_file(path));
  MARVEL_TRY(StateFile file, parse_state(path, text));
  if (file.strategy != strategy_) {
    return fail(Errc::kInput,
                fmt::format("the run in '{}' has strategy {}", folder_.string(), file.strategy),
                "resume with --strategy " + file.strategy);
  }
  MARVEL_TRY(Model model, load_npz(folder_ / file.model));
  file.state.model = std::make_shared<const Model>(std::move(model));
  for (const auto& name : file.moments) {
    MARVEL_TRY(file.state.moments.emplace_back(), load_npz(folder_ / name));
  }
  return std::optional(std::move(file.state));
}

Status Checkpoint::save(const RunState& state, const std::vector<const Model*>& moments) const {
  StateFile file;
  file.strategy = strategy_;
  file.model = fmt::format("model-{}.npz", state.round);
  file.state.run = state.run;
  file.state.round = state.round;
  file.state.histories = state.histories;
  file.state.privacy = state.privacy;
  MARVEL_TRY_STATUS(save_npz(folder_ / file.model, *state.model));
  for (std::size_t i = 0; i < moments.size(); ++i) {
    file.moments.push_back(fmt::format("moments-{}-{}.npz", state.round, i));
    MARVEL_TRY_STATUS(save_npz(folder_ / file.moments.back(), *moments[i]));
  }
  MARVEL_TRY_STATUS(write_file_atomically(folder_ / kStateFile, text_of(state_json(file))));
  std::vector<std::string> kept = file.moments;
  kept.push_back(file.model);
  delete_others(kept);
  return {};
}

// Also renews model.npz. What cannot be deleted or linked harms nobody: state.json names its files.
void Checkpoint::delete_others(const std::vector<std::string>& kept) const {
  std::error_code ignored;
  const fs::path fresh = folder_ / "model.npz.tmp";
  fs::remove(fresh, ignored);
  // A copy, not a link: people edit it.
  fs::copy_file(folder_ / kept.back(), fresh, fs::copy_options::overwrite_existing, ignored);
  fs::rename(fresh, model_path(), ignored);
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool ours = is_of_a_round(name, "model-") || is_of_a_round(name, "moments-");
    if (ours && std::find(kept.begin(), kept.end(), name) == kept.end()) {
      fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace marvel::federate
