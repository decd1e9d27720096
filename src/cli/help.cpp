#include "cli/help.hpp"

#include "base/text.hpp"
#include "config/config.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kFlagColumn = 29;     // where the help of flags begins
constexpr std::size_t kCommandColumn = 16;  // where the purpose of commands begins

std::string pad(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

// "  name   help wrapped under itself"; help moves to its own line when the name is too long.
std::string row(const std::string& name, const std::string& help, std::size_t column) {
  const std::string indent(column, ' ');
  std::string text = "  " + name;
  text = text.size() + 2 > column ? text + "\n" + indent : pad(text, column);
  bool first = true;
  for (const auto& line : wrap(help, kWidth - column)) {
    text += (first ? "" : indent) + line + "\n";
    first = false;
  }
  return text;
}

std::string heading(const std::string& title) {
  return "\n" + title + ":\n";
}

std::string flag_names(const CLI::Option& flag) {
  const auto& letters = flag.get_snames();
  std::string text = letters.empty() ? "    " : "-" + letters.front() + ", ";
  text += "--" + key_of(flag);
  return takes_value(flag) ? text + " " + flag.get_type_name() : text;
}

// Long lists of words read better in the help text than in the name column.
std::string short_flag_names(const CLI::Option& flag) {
  std::string text = flag_names(flag);
  if (text.size() + 4 > kFlagColumn && text.find('|') != std::string::npos) {
    text = text.substr(0, text.find_last_of(' ')) + " WORD";
  }
  return text;
}

std::string flag_row(const CommandTree& tree, const CLI::Option& flag) {
  return row(short_flag_names(flag), flag_help(tree, flag), kFlagColumn);
}

std::string examples(const CommandNotes& notes) {
  std::string text;
  for (const auto& example : notes.examples) {
    text += "  # " + example.purpose + "\n  $ " + example.command + "\n";
  }
  return text.empty() ? text : heading("Examples") + text;
}

std::string arguments(const CommandTree& tree, const CLI::App& command) {
  std::string text;
  for (const CLI::Option* argument : positionals(command)) {
    text += row(argument->get_type_name(), flag_help(tree, *argument), kFlagColumn);
  }
  return text.empty() ? text : heading("Arguments") + text;
}

// One section per group, in the order in which the groups first appear.
std::string flag_sections(const CommandTree& tree, const CLI::App& command) {
  std::vector<std::pair<std::string, std::string>> sections;
  for (const CLI::Option* flag : flags(command)) {
    const auto& group = flag->get_group();
    auto section = std::find_if(sections.begin(), sections.end(),
                                [&group](const auto& known) { return known.first == group; });
    if (section == sections.end()) {
      section = sections.insert(sections.end(), {group, ""});
    }
    section->second += flag_row(tree, *flag);
  }
  std::string text;
  for (const auto& [group, rows] : sections) {
    text += heading(group) + rows;
  }
  return text;
}

std::string command_sections(const CLI::App& command) {
  std::string text;
  std::string last_group;
  for (const CLI::App* child : subcommands(command)) {
    if (child->get_group() != last_group) {
      last_group = child->get_group();
      text += heading(last_group);
    }
    text += row(child->get_name(), child->get_description(), kCommandColumn);
  }
  return text;
}

std::string rows(const std::string& title, const std::vector<Row>& entries) {
  std::string text;
  for (const auto& entry : entries) {
    text += row(entry.name, entry.help, kFlagColumn);
  }
  return text.empty() ? text : heading(title) + text;
}

// Which flags beside the one at `first` a variable presets.
std::string others_like_it(const std::vector<const CLI::Option*>& own,
                           std::vector<const CLI::Option*>::const_iterator first) {
  std::vector<std::string> names;
  for (auto flag = first + 1; flag != own.end(); ++flag) {
    if ((*flag)->get_configurable()) {
      names.push_back("--" + key_of(**flag));
    }
  }
  constexpr std::size_t kFew = 3;
  if (names.empty() || names.size() > kFew) {
    return names.empty() ? "no other flag has such a variable"
                         : "most flags have one; 'marvel config show' lists them";
  }
  return "likewise " + join(names, ", ");
}

// Nobody would guess them by the names of the flags.
std::vector<Row> unusual_variables(const CommandTree& tree,
                                   const std::vector<const CLI::Option*>& flags_of_one) {
  std::vector<Row> unusual;
  for (const CLI::Option* flag : flags_of_one) {
    const std::string& variable = tree.notes(*flag).variable;
    const std::string key = key_of(*flag);
    if (!variable.empty() && variable != environment_name(key)) {
      unusual.push_back({variable, "Presets --" + key});
    }
  }
  return unusual;
}

std::string environment_section(const CommandTree& tree, const CLI::App& command) {
  std::vector<Row> entries = tree.notes(command).environment;
  const auto own = flags(command);
  const auto presettable = std::find_if(
      own.begin(), own.end(), [](const CLI::Option* flag) { return flag->get_configurable(); });
  if (command.get_parent() != nullptr && presettable != own.end()) {
    const std::string key = key_of(**presettable);
    entries.insert(entries.begin(), {tree.notes(**presettable).variable,
                                     "Presets --" + key + "; " + others_like_it(own, presettable)});
    const auto others = unusual_variables(tree, {presettable + 1, own.end()});
    entries.insert(entries.begin() + 1, others.begin(), others.end());
  }
  return rows("Environment", entries);
}

std::string see_also(const CommandNotes& notes) {
  std::string text;
  for (const auto& path : notes.see_also) {
    text += (text.empty() ? "  marvel help " : ", marvel help ") + path;
  }
  return text.empty() ? text : heading("See also") + text + "\n";
}

std::string closing_hint(const CLI::App& command) {
  const std::string path = join(path_of(command), " ");
  return "\n'marvel help " + (path.empty() ? "" : path + " ") +
         "COMMAND' tells more about a command.\n";
}

class HelpFormatter : public CLI::FormatterBase {
 public:
  explicit HelpFormatter(const CommandTree& tree) : tree_(tree) {}

  std::string make_help(const CLI::App* command, std::string /*name*/,
                        CLI::AppFormatMode /*mode*/) const override {
    return help_text(tree_, *command);
  }

 private:
  const CommandTree& tree_;
};

}  // namespace

std::string flag_help(const CommandTree& tree, const CLI::Option& option) {
  const OptionNotes& notes = tree.notes(option);
  std::string text = option.get_description();
  if (short_flag_names(option) != flag_names(option)) {
    text += ": " + join(notes.choices, ", ");
  }
  const bool is_plain = notes.default_text.empty() || !takes_value(option);
  return is_plain ? text : text + " [" + notes.default_text + "]";
}

std::string usage_line(const CommandTree& tree, const CLI::App& command) {
  std::string text = full_name(command);
  if (!subcommands(command).empty()) {
    return text + " COMMAND [FLAGS]";
  }
  for (const CLI::Option* argument : positionals(command)) {
    const std::string name = argument->get_type_name();
    const bool many = argument->get_items_expected_max() > 1;
    const std::string shown = many ? name + "..." : name;
    text += tree.notes(*argument).required ? " " + shown : " [" + shown + "]";
  }
  return text + " [FLAGS]";
}

std::vector<Row> exit_code_rows(const CommandTree& tree, const CLI::App& command) {
  std::vector<Row> table{{"0", "done"},
                         {"2", "wrong command line, configuration or input"},
                         {"3", "the world refused: disk, device, time-out"},
                         {"4", "a bug in marvel"}};
  for (const auto& own : tree.notes(command).exit_codes) {
    const auto same = std::find_if(table.begin(), table.end(),
                                   [&own](const Row& entry) { return entry.name == own.name; });
    if (same == table.end()) {
      table.push_back(own);
    } else {
      *same = own;
    }
  }
  std::sort(table.begin(), table.end(), [](const Row& a, const Row& b) {
    return std::pair(a.name.size(), a.name) < std::pair(b.name.size(), b.name);
  });
  return table;
}

std::string help_text(const CommandTree& tree, const CLI::App& command) {
  const CommandNotes& notes = tree.notes(command);
  const bool is_root = command.get_parent() == nullptr;
  const bool is_group = !subcommands(command).empty();
  std::string text = full_name(command) + ": " + command.get_description() + "\n";
  text += heading("Usage") + "  " + usage_line(tree, command) + "\n";
  text += examples(notes) + arguments(tree, command);
  text += command_sections(command) + flag_sections(tree, command);
  if (is_root || !is_group) {
    text += environment_section(tree, command);
    text += rows("Exit codes", exit_code_rows(tree, command));
  }
  text += see_also(notes);
  if (is_group) {
    text += closing_hint(command);
  } else {
    text += "\nGlobal flags (--json, --output, --quiet, ...) work everywhere: see 'marvel help'.\n";
  }
  return text;
}

std::shared_ptr<CLI::FormatterBase> make_help_formatter(const CommandTree& tree) {
  return std::make_shared<HelpFormatter>(tree);
}

}  // namespace marvel::cli
