#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"
#include "config/config.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Joins the settings of files and environment with the flags of the tree. In program.cpp they are
// used in this order, and CLI11 then parses the command line over the result:
//   MARVEL_TRY(const Config config, Config::load(paths, named_file, environment));
//   MARVEL_TRY_STATUS(config.check_keys(config_schema(tree)));
//   MARVEL_TRY_STATUS(apply_settings(tree, command, config));
//
// Which keys a configuration file may hold: the long names of all flags that are no matter of a
// single run, nested as the commands are. Of all commands, since one file serves them all.
ConfigSchema config_schema(const CommandTree& tree);

// Puts what the files and the environment say into the options of `command` and of the commands
// above it, weakest layer first, so the command line may then overwrite it. kUsage names the
// variable or the file and line of a value that the flag does not take. A flag that may be given
// again takes the list of the strongest layer that has one, not all of them. On failure some
// options have their new values already, so nothing may run then. Settings of other commands are
// not read, so a wrong one does no harm here.
Status apply_settings(const CommandTree& tree, const CLI::App& command, const Config& config);

// One flag's value in force and who set it. As `marvel config show` lists it.
struct SettingInForce {
  std::vector<std::string> command;
  std::string key;
  // As text, not as the option has read it.
  std::string value;
  std::string origin;  // "flag", "MARVEL_EPOCHS", "marvel.yaml:3" or "built-in"
};

// All settings of `command` and the commands below it, in the order of registration. Call it after
// the command line is parsed: flags given there count as "flag". Only flags that files may hold are
// in it.
std::vector<SettingInForce> settings_in_force(const CommandTree& tree, const CLI::App& command,
                                              const Config& config);

}  // namespace marvel::cli
