#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"
#include "config/config.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Joins the settings of files and environment with the flags of the tree.

// Which keys a configuration file may hold: the long names of all flags that are no matter of a
// single run, nested as the commands are.
ConfigSchema config_schema(const CommandTree& tree);

// Puts what the files and the environment say into the options of `command` and of the commands
// above it, weakest layer first, so the command line may then overwrite it. kUsage names the
// variable or the file and line of a value that the flag does not take.
Status apply_settings(const CommandTree& tree, const CLI::App& command, const Config& config);

// One flag's value in force and who set it.
struct SettingInForce {
  std::vector<std::string> command;
  std::string key;
  std::string value;
  std::string origin;  // "flag", "MARVEL_EPOCHS", "marvel.yaml:3" or "built-in"
};

// All settings of `command` and the commands below it, in the order of registration.
std::vector<SettingInForce> settings_in_force(const CommandTree& tree, const CLI::App& command,
                                              const Config& config);

}  // namespace marvel::cli
