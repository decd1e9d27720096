#include "cli/docs.hpp"

#include "cli/help.hpp"

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

// scdoc reads _ and * as markup, and # or . at the start of a line too.
std::string escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '_' || c == '*' || c == '\\' || c == '#' || c == '<' || c == '[') {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

std::string entry(const std::string& term, const std::string& help) {
  return term + "\n\t" + escape(help) + "\n\n";
}

std::string flag_term(const CLI::Option& flag) {
  std::string term;
  for (const auto& letter : flag.get_snames()) {
    term += "*-" + letter + "*, ";
  }
  term += "*--" + key_of(flag) + "*";
  return takes_value(flag) ? term + " _" + escape(flag.get_type_name()) + "_" : term;
}

}  // namespace

Result<std::string> options_as_scdoc(const CommandTree& tree,
                                     const std::vector<std::string>& path) {
  MARVEL_TRY(const CLI::App* command, find_command(tree, path));
  std::string text;
  for (const CLI::Option* argument : positionals(*command)) {
    text += entry("_" + escape(argument->get_type_name()) + "_", flag_help(tree, *argument));
  }
  for (const CLI::Option* flag : flags(*command)) {
    text += entry(flag_term(*flag), flag_help(tree, *flag));
  }
  return text;
}

}  // namespace marvel::cli
