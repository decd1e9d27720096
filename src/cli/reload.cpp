#include "cli/reload.hpp"

#include "cli/settings.hpp"
#include "config/paths.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

// What the program was started with: the flags of each command on the way, and their values.
std::vector<std::string> given_words(const CLI::App& command) {
  std::vector<std::string> words;
  for (const CLI::App* level : chain(command)) {
    if (level != chain(command).front()) {
      words.push_back(level->get_name());
    }
    for (const CLI::Option* flag : flags(*level)) {
      if (flag->count() == 0) {
        continue;
      }
      if (!takes_value(*flag)) {
        words.push_back("--" + key_of(*flag));
        continue;
      }
      for (const std::string& value : flag->results()) {
        words.push_back("--" + key_of(*flag));
        words.push_back(value);
      }
    }
  }
  return words;
}

// The file of --config, or of its variable.
std::string named_file(const Session& session) {
  for (const CLI::Option* flag : flags(session.tree.root())) {
    if (key_of(*flag) == "config" && flag->count() > 0) {
      return flag->results().back();
    }
  }
  return session.environment.get("MARVEL_CONFIG").value_or("");
}

}  // namespace

Status read_settings_again(const Session& session, const std::vector<std::string>& path,
                           CommandTree& fresh) {
  MARVEL_TRY(const Config config, Config::load(config_paths(session.environment),
                                               named_file(session), session.environment));
  CommandTree whole;  // files may hold keys of any command
  register_commands(whole);
  MARVEL_TRY_STATUS(config.check_keys(config_schema(whole)));
  MARVEL_TRY(const CLI::App* const command, find_command(fresh, path));
  MARVEL_TRY_STATUS(apply_settings(fresh, *command, config));
  MARVEL_TRY(const CLI::App* const running, find_command(session.tree, path));
  auto words = given_words(*running);
  std::reverse(words.begin(), words.end());
  try {
    fresh.root().parse(words);
  } catch (const CLI::ParseError& error) {
    return fail(Errc::kUsage, error.what());
  }
  return {};
}

}  // namespace marvel::cli
