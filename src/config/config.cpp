#include "config/config.hpp"

#include "base/edit_distance.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "config/yaml.hpp"

#include <algorithm>
#include <system_error>

namespace marvel {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> command_names(const ConfigSchema& schema) {
  std::vector<std::string> names;
  for (const auto& [name, level] : schema.commands) {
    names.push_back(name);
  }
  return names;
}

std::string guess(const std::string& word, const std::vector<std::string>& known) {
  const auto meant = closest(word, known);
  return meant ? "did you mean '" + *meant + "'?" : "see 'marvel config show' for all keys";
}

bool present(const std::filesystem::path& file) {
  std::error_code ignored;
  return !file.empty() && std::filesystem::exists(file, ignored);
}

}  // namespace

std::string environment_name(const std::string& key) {
  std::string name = "MARVEL_" + to_upper(key);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Result<Config> Config::load(const ConfigPaths& paths, const std::filesystem::path& named_file,
                            Environment environment) {
  Config config;
  config.environment_ = std::move(environment);
  if (present(paths.system)) {
    MARVEL_TRY_STATUS(config.read(Layer::kSystem, paths.system));
  }
  if (present(paths.user)) {
    MARVEL_TRY_STATUS(config.read(Layer::kUser, paths.user));
  }
  if (!named_file.empty()) {
    MARVEL_TRY_STATUS(config.read(Layer::kProject, named_file));
  } else if (present(paths.project)) {
    MARVEL_TRY_STATUS(config.read(Layer::kProject, paths.project));
  }
  return config;
}

Status Config::read(Layer layer, const std::filesystem::path& file) {
  MARVEL_TRY(const std::string text, read_file(file));
  MARVEL_TRY(auto settings, settings_from_yaml(text, file.string()));
  for (auto& setting : settings) {
    files_[layer].push_back({std::move(setting.command), std::move(setting.key),
                             std::move(setting.value), std::move(setting.items),
                             file.string() + ":" + std::to_string(setting.line)});
  }
  return {};
}

Status Config::check_keys(const ConfigSchema& schema) const {
  for (const auto& [layer, entries] : files_) {
    for (const auto& entry : entries) {
      MARVEL_TRY_STATUS(check_entry(entry, schema));
    }
  }
  return {};
}

Status Config::check_entry(const Entry& entry, const ConfigSchema& schema) {
  const auto refuse = [&entry](const std::string& what, std::string hint = {}) {
    return fail(Errc::kUsage, entry.origin + ": " + what, std::move(hint));
  };
  const ConfigSchema* level = &schema;
  for (const auto& name : entry.command) {
    const auto next = level->commands.find(name);
    if (next == level->commands.end()) {
      return refuse("unknown command '" + name + "'", guess(name, command_names(*level)));
    }
    level = &next->second;
  }
  if (level->commands.count(entry.key) > 0) {
    if (!entry.value) {
      return {};  // "compress:" with nothing below it says nothing, which is harmless
    }
    return refuse("'" + entry.key + "' is a command, it holds keys");
  }
  if (!contains(level->keys, entry.key)) {
    return refuse("unknown key '" + entry.key + "'", guess(entry.key, level->keys));
  }
  if (!entry.value) {
    return refuse("'" + entry.key + "' has no value");
  }
  return {};
}

std::optional<Setting> Config::variable(const std::string& name) const {
  const auto value = name.empty() ? std::nullopt : environment_.get(name);
  return value ? std::optional(Setting{*value, split(*value, '\n'), name}) : std::nullopt;
}

std::optional<Setting> Config::find(Layer layer, const std::vector<std::string>& command,
                                    const std::string& key) const {
  if (layer == Layer::kEnvironment) {
    return variable(environment_name(key));
  }
  const auto file = files_.find(layer);
  if (file == files_.end()) {
    return std::nullopt;
  }
  for (const auto& entry : file->second) {
    if (entry.value && entry.key == key && entry.command == command) {
      return Setting{*entry.value, entry.items, entry.origin};
    }
  }
  return std::nullopt;
}

}  // namespace marvel
