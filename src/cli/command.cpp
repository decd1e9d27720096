#include "cli/command.hpp"

#include "base/text.hpp"
#include "cli/help.hpp"
#include "cli/suggest.hpp"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

namespace marvel::cli {

CommandTree::CommandTree()
    : root_(std::make_unique<CLI::App>("AI across edge, fog and cloud from one command line",
                                       "marvel")) {
  root_->set_help_flag();  // ours is an ordinary flag, so help never depends on the other words
  root_->fallthrough();
  root_->formatter(make_help_formatter(*this));
}

CommandTree::~CommandTree() = default;

CLI::App& CommandTree::add(CLI::App& parent, const std::string& name, const std::string& purpose,
                           const std::string& group, CommandNotes notes) {
  CLI::App& command = *parent.add_subcommand(name, purpose);
  command.group(group);
  command_notes_[&command] = std::move(notes);
  return command;
}

void CommandTree::add_closed(const std::string& name, const std::string& purpose,
                             const std::string& group, CommandNotes notes, Fill fill) {
  closed_[name] = std::move(fill);
  add(root(), name, purpose, group, std::move(notes));
}

void CommandTree::open(const std::vector<std::string>& words) {
  for (const auto& word : words) {
    if (const auto closed = closed_.extract(word)) {
      closed.mapped()(*this, *root_->get_subcommand(word));
    }
  }
}

void CommandTree::open_all() {
  while (!closed_.empty()) {
    open({closed_.begin()->first});
  }
}

CommandNotes& CommandTree::notes(const CLI::App& command) {
  return command_notes_[&command];
}

const CommandNotes& CommandTree::notes(const CLI::App& command) const {
  static const CommandNotes kNone;
  const auto found = command_notes_.find(&command);
  return found == command_notes_.end() ? kNone : found->second;
}

OptionNotes& CommandTree::notes(const CLI::Option& option) {
  return option_notes_[&option];
}

const OptionNotes& CommandTree::notes(const CLI::Option& option) const {
  static const OptionNotes kNone;
  const auto found = option_notes_.find(&option);
  return found == option_notes_.end() ? kNone : found->second;
}

std::vector<const CLI::App*> subcommands(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* find_subcommand(const CLI::App& command, const std::string& name) {
  const auto all = subcommands(command);
  const auto found = std::find_if(all.begin(), all.end(), [&name](const CLI::App* candidate) {
    return candidate->get_name() == name;
  });
  return found == all.end() ? nullptr : *found;
}

std::vector<const CLI::Option*> flags(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> positionals(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<const CLI::App*> chain(const CLI::App& command) {
  std::vector<const CLI::App*> path;
  for (const CLI::App* level = &command; level != nullptr; level = level->get_parent()) {
    path.insert(path.begin(), level);
  }
  return path;
}

std::vector<std::string> path_of(const CLI::App& command) {
  std::vector<std::string> path;
  for (const CLI::App* level : chain(command)) {
    if (level->get_parent() != nullptr) {
      path.push_back(level->get_name());
    }
  }
  return path;
}

std::string full_name(const CLI::App& command) {
  const auto path = path_of(command);
  return path.empty() ? "marvel" : "marvel " + join(path, " ");
}

std::string key_of(const CLI::Option& flag) {
  const auto& names = flag.get_lnames();
  return names.empty() ? "" : names.front();
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

Result<const CLI::App*> find_command(const CommandTree& tree,
                                     const std::vector<std::string>& path) {
  const CLI::App* command = &tree.root();
  for (const auto& word : path) {
    const CLI::App* next = find_subcommand(*command, word);
    if (next == nullptr) {
      return fail(unknown_command(*command, word));
    }
    command = next;
  }
  return command;
}

void register_commands(CommandTree& tree, const std::vector<std::string>& words) {
  register_globals(tree);
  register_deploy(tree);
  register_taint(tree);
  register_compress(tree);
  register_fedl(tree);
  register_regex(tree);
  register_vpn(tree);
  register_config(tree);
  register_completion(tree);
  register_help(tree);
  tree.open(words);
}

void register_commands(CommandTree& tree) {
  register_commands(tree, {});
  tree.open_all();
}

}  // namespace marvel::cli
