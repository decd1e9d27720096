#pragma once

#include "cli/command.hpp"

#include <memory>
#include <string>

namespace CLI {
class FormatterBase;
}  // namespace CLI

namespace marvel::cli {

// Help screens, 80 columns wide and free of colour. The root gets purpose, two examples, the
// commands by job and the global flags; a command gets usage, examples, flags, environment, exit
// codes and see also. All of it is read from the tree, so nothing can be forgotten: a flag that is
// bound is shown, with its default. Ends with a line end.
std::string help_text(const CommandTree& tree, const CLI::App& command);

// Lets CLI11's own help() draw the same screens. `tree` must outlive it. CommandTree installs it,
// so that help is the same whoever asks CLI11 for it.
std::shared_ptr<CLI::FormatterBase> make_help_formatter(const CommandTree& tree);

// Pieces that man pages share with help. A group of commands has "COMMAND [FLAGS]"; positionals in
// brackets may be left out, and "..." stands for more of them.
std::string usage_line(const CommandTree& tree, const CLI::App& command);  // "marvel x [FLAGS]"
// The list of words is in it where the name column is too narrow for them. Defaults stand in square
// brackets at the end; switches have none.
std::string flag_help(const CommandTree& tree, const CLI::Option& option);  // with its default
// The common ones, replaced and added to by the command's own, in ascending order.
std::vector<Row> exit_code_rows(const CommandTree& tree, const CLI::App& command);

}  // namespace marvel::cli
