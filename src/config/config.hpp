#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "config/paths.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace marvel {

// Settings from files and the environment, by layer:
//   flag > environment > project > user > system > built-in
// This class knows the four layers in the middle; flags and built-in values belong to the command
// line. It never decides what a value means: values are text until an option reads them.
//
//   MARVEL_TRY(const Config config, Config::load(config_paths(environment), {}, environment));
//   MARVEL_TRY_STATUS(config.check_keys(schema));
//   config.find(Layer::kUser, {"compress", "train"}, "epochs");
//
// Immutable after load, so any thread may read it.
enum class Layer { kSystem, kUser, kProject, kEnvironment };
inline constexpr std::array kLayers{Layer::kSystem, Layer::kUser, Layer::kProject,
                                    Layer::kEnvironment};  // weakest first

struct Setting {
  std::string value;               // of a list: its items, with commas between them
  std::vector<std::string> items;  // one, unless it is a list; lines of a variable
  std::string origin;  // "MARVEL_EPOCHS" or "marvel.yaml:3", for messages and `config show`
};

// The keys and mappings a file may hold: one level of commands.
struct ConfigSchema {
  std::vector<std::string> keys;
  std::map<std::string, ConfigSchema> commands;
};

// MARVEL_BATCH_SIZE for "batch-size".
std::string environment_name(const std::string& key);

class Config {
 public:
  // Reads the files that exist. `named_file` (from --config) is read in place of the project file
  // and must exist; empty for none. kInput with file and line for a file that cannot be used.
  static Result<Config> load(const ConfigPaths& paths, const std::filesystem::path& named_file,
                             Environment environment);

  // Whether any file was read that says something.
  [[nodiscard]] bool has_files() const { return !files_.empty(); }

  // Refuses the first key that `schema` does not know, with file, line and the likely meaning,
  // and the first key without a value: kUsage. Variables are not checked: MARVEL_* is no closed
  // world, other programs may use the prefix.
  [[nodiscard]] Status check_keys(const ConfigSchema& schema) const;

  // What `layer` says about `key` of `command` (empty for the global keys). An environment
  // variable is the same for all commands: environment_name(key).
  [[nodiscard]] std::optional<Setting> find(Layer layer, const std::vector<std::string>& command,
                                            const std::string& key) const;
  // What the environment says in a variable of another name. Nothing when `name` is empty.
  [[nodiscard]] std::optional<Setting> variable(const std::string& name) const;

 private:
  struct Entry {
    std::vector<std::string> command;
    std::string key;
    std::optional<std::string> value;
    std::vector<std::string> items;
    std::string origin;
  };

  Status read(Layer layer, const std::filesystem::path& file);
  static Status check_entry(const Entry& entry, const ConfigSchema& schema);

  std::map<Layer, std::vector<Entry>> files_;
  Environment environment_;
};

}  // namespace marvel
