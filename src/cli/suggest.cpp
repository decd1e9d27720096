#include "cli/suggest.hpp"

#include "base/edit_distance.hpp"

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

std::string ask_help(const CLI::App& command) {
  return "see '" + full_name(command) + " --help'";
}

Error unknown(const std::string& what, const std::string& word,
              const std::vector<std::string>& known, const CLI::App& command) {
  const auto meant = closest(word, known);
  return {Errc::kUsage,
          "unknown " + what + " '" + word + "'",
          meant ? "did you mean '" + *meant + "'?" : ask_help(command),
          {}};
}

}  // namespace

Error unknown_command(const CLI::App& parent, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : subcommands(parent)) {
    names.push_back(command->get_name());
  }
  return unknown("command", word, names, parent);
}

Error unknown_flag(const CLI::App& command, const std::string& flag) {
  std::vector<std::string> names;
  const bool is_long = flag.size() > 2 && flag.compare(0, 2, "--") == 0;
  for (const CLI::App* level : chain(command)) {
    for (const CLI::Option* option : flags(*level)) {
      if (is_long) {  // one letter is too little to guess from
        names.push_back("--" + key_of(*option));
      }
    }
  }
  return unknown("flag", flag, names, command);
}

}  // namespace marvel::cli
