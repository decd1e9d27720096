#pragma once

#include "base/error.hpp"
#include "cli/command.hpp"

#include <string>

namespace marvel::cli {

// Words nobody knows, answered with the likely meaning. The guess is only shown, never run.

// "unknown command 'regx'" with the hint "did you mean 'regex'?" or where to look.
Error unknown_command(const CLI::App& parent, const std::string& word);
// The same for a flag of `command` or of the commands above it. `flag` is without a value.
Error unknown_flag(const CLI::App& command, const std::string& flag);

}  // namespace marvel::cli
