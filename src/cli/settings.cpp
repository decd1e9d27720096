#include "cli/settings.hpp"

#include "base/text.hpp"

#include <ranges>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

std::vector<const CLI::Option*> settable_flags(const CLI::App& command) {
  std::vector<const CLI::Option*> settable;
  for (const CLI::Option* flag : flags(command)) {
    if (flag->get_configurable()) {
      settable.push_back(flag);
    }
  }
  return settable;
}

ConfigSchema schema_of(const CLI::App& command) {
  ConfigSchema schema;
  for (const CLI::Option* flag : settable_flags(command)) {
    schema.keys.push_back(key_of(*flag));
  }
  for (const CLI::App* child : subcommands(command)) {
    schema.commands[child->get_name()] = schema_of(*child);
  }
  return schema;
}

std::optional<Setting> find(const CommandTree& tree, const CLI::Option& flag,
                            const std::vector<std::string>& path, const Config& config,
                            Layer layer) {
  return layer == Layer::kEnvironment ? config.variable(tree.notes(flag).variable)
                                      : config.find(layer, path, key_of(flag));
}

Status apply_layer(const CommandTree& tree, const CLI::App& command, const Config& config,
                   Layer layer) {
  const auto path = path_of(command);
  for (const CLI::Option* flag : settable_flags(command)) {
    const std::string key = key_of(*flag);
    const auto setting = find(tree, *flag, path, config, layer);
    if (!setting) {
      continue;
    }
    const OptionNotes& notes = tree.notes(*flag);
    if (notes.assign_list) {
      notes.assign_list(setting->items);
      continue;
    }
    if (const Status status = notes.assign(setting->value); !status) {
      return fail(Errc::kUsage, setting->origin + ": " + key + ": " + status.error().message,
                  status.error().hint);
    }
  }
  return {};
}

// What the flag's layers say, strongest last word first.
SettingInForce in_force(const CommandTree& tree, const CLI::Option& flag,
                        const std::vector<std::string>& path, const Config& config) {
  const std::string key = key_of(flag);
  if (flag.count() > 0) {
    const std::string text =
        takes_value(flag) ? flag.results().back() : std::to_string(flag.count());
    const bool is_switch = !takes_value(flag) && tree.notes(flag).default_text == "false";
    return {path, key, is_switch ? "true" : text, "flag"};
  }
  for (const auto layer : kLayers | std::views::reverse) {
    if (auto setting = find(tree, flag, path, config, layer)) {
      return {path, key, setting->value, setting->origin};
    }
  }
  return {path, key, tree.notes(flag).default_text, "built-in"};
}

}  // namespace

ConfigSchema config_schema(const CommandTree& tree) {
  return schema_of(tree.root());
}

Status apply_settings(const CommandTree& tree, const CLI::App& command, const Config& config) {
  for (const Layer layer : kLayers) {
    for (const CLI::App* level : chain(command)) {
      MARVEL_TRY_STATUS(apply_layer(tree, *level, config, layer));
    }
  }
  return {};
}

std::vector<SettingInForce> settings_in_force(const CommandTree& tree, const CLI::App& command,
                                              const Config& config) {
  std::vector<SettingInForce> all;
  for (const CLI::Option* flag : settable_flags(command)) {
    all.push_back(in_force(tree, *flag, path_of(command), config));
  }
  for (const CLI::App* child : subcommands(command)) {
    const auto below = settings_in_force(tree, *child, config);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

}  // namespace marvel::cli
