#pragma once

#include "base/env.hpp"
#include "cli/command.hpp"
#include "report/terminal.hpp"

namespace marvel::cli {

// What standard error can do and what the global flags and the environment ask of it.
report::TerminalOptions terminal_options(const Globals& globals, const Environment& environment);

}  // namespace marvel::cli
