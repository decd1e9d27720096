// The rules every command of marvel keeps, checked over the whole tree.
#include "cli/command.hpp"

#include "base/text.hpp"
#include "cli/completion.hpp"
#include "cli/docs.hpp"
#include "cli/help.hpp"
#include "cli/line.hpp"
#include "cli/settings.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

using test::all_commands;
using test::Line;

bool is_kebab(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '-' || std::islower(static_cast<unsigned char>(c)) != 0 ||
           std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

}  // namespace

TEST_CASE("every command has a purpose of one line and words in kebab-case") {
  const Line line;
  for (const CLI::App* command : all_commands(line.tree.root())) {
    CAPTURE(full_name(*command));
    CHECK_FALSE(command->get_description().empty());
    CHECK(command->get_description().back() != '.');
    for (const CLI::Option* flag : flags(*command)) {
      CAPTURE(key_of(*flag));
      CHECK(is_kebab(key_of(*flag)));
      CHECK_FALSE(flag->get_description().empty());
    }
  }
}

TEST_CASE("a word that means a flag here means it everywhere") {
  const Line line;
  std::map<std::string, bool> takes;
  for (const CLI::App* command : all_commands(line.tree.root())) {
    for (const CLI::Option* flag : flags(*command)) {
      CAPTURE(key_of(*flag));
      const auto [known, is_new] = takes.try_emplace(key_of(*flag), takes_value(*flag));
      CHECK(known->second == takes_value(*flag));
    }
  }
}

TEST_CASE("a command line makes the flags of the commands it names, and the names of all") {
  const Line whole;
  CommandTree named;
  register_commands(named, {"--json", "taint", "nodes"});
  const auto below = [](const CommandTree& tree, const std::string& name) {
    return all_commands(*find_subcommand(tree.root(), name)).size();
  };
  CHECK(help_text(named, named.root()) == help_text(whole.tree, whole.tree.root()));
  CHECK(below(named, "taint") == below(whole.tree, "taint"));
  CHECK(below(named, "deploy") == 1);
  CHECK(flags(*find_subcommand(named.root(), "regex")).empty());
  named.open_all();
  CHECK(all_commands(named.root()).size() == all_commands(whole.tree.root()).size());
  CHECK(config_schema(named).commands.size() == config_schema(whole.tree).commands.size());
}

TEST_CASE("a command runs or groups others") {
  const Line line;
  for (const CLI::App* command : all_commands(line.tree.root())) {
    CAPTURE(full_name(*command));
    const auto& notes = line.tree.notes(*command);
    const bool groups = !subcommands(*command).empty();
    CHECK((notes.run != nullptr) == !groups);
    CHECK((!notes.examples.empty() || command->get_name() == "config"));
  }
}

TEST_CASE("help, man page and completion know the same flags") {
  const Line line;
  for (const CLI::App* command : all_commands(line.tree.root())) {
    auto words = path_of(*command);
    const std::string help = help_text(line.tree, *command);
    const std::string page = options_as_scdoc(line.tree, words).value();
    words.emplace_back("--");
    const std::string offers = completion_lines(line.tree, words, {});
    for (const CLI::Option* flag : flags(*command)) {
      const std::string name = "--" + key_of(*flag);
      CAPTURE(full_name(*command) + " " + name);
      CHECK(help.find(name) != std::string::npos);
      CHECK(page.find("*" + name + "*") != std::string::npos);
      CHECK(offers.find(name + "\t") != std::string::npos);
    }
  }
}

TEST_CASE("an unknown path is answered with its first wrong word") {
  const Line line;
  const auto found = find_command(line.tree, {"compress", "trian"});
  REQUIRE_FALSE(found);
  CHECK(found.error().message == "unknown command 'trian'");
}

TEST_CASE("see also names commands that exist") {
  const Line line;
  for (const CLI::App* command : all_commands(line.tree.root())) {
    for (const auto& path : line.tree.notes(*command).see_also) {
      CAPTURE(path);
      CHECK(find_command(line.tree, test::words_of(path)));
    }
  }
}

}  // namespace marvel::cli
