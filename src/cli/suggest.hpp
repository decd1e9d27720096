#pragma once

#include "base/error.hpp"
#include "cli/command.hpp"

#include <string>

namespace marvel::cli {

// Words nobody knows, answered with the likely meaning (base/edit_distance.hpp). The guess is only
// shown, never run. Both are kUsage and cost a walk over the names of one level, or of the levels
// above it.
//
// "unknown command 'regx'" with the hint "did you mean 'regex'?" or where to look. Only commands
// right below `parent` are guessed.
Error unknown_command(const CLI::App& parent, const std::string& word);
// The same for a flag of `command` or of the commands above it. `flag` is without a value.
// One-letter flags get no guess: one letter is too little to guess from.
Error unknown_flag(const CLI::App& command, const std::string& flag);

}  // namespace marvel::cli
