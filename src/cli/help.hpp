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
// codes and see also.
std::string help_text(const CommandTree& tree, const CLI::App& command);

// Lets CLI11's own help() draw the same screens. `tree` must outlive it.
std::shared_ptr<CLI::FormatterBase> make_help_formatter(const CommandTree& tree);

// Pieces that man pages share with help.
std::string usage_line(const CommandTree& tree, const CLI::App& command);   // "marvel x [FLAGS]"
std::string flag_help(const CommandTree& tree, const CLI::Option& option);  // with its default
std::vector<Row> exit_code_rows(const CommandTree& tree, const CLI::App& command);

}  // namespace marvel::cli
