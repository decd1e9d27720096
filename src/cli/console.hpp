#pragma once

#include "base/env.hpp"
#include "cli/command.hpp"
#include "report/terminal.hpp"

namespace marvel::cli {

// What standard error can do and what the global flags and the environment ask of it. Asks the
// system for the size of the window, so two calls may differ; call it once, when the command line
// has been read. The variables are TERM, NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR. --quiet and -v
// are independent: quiet wins where both would show something.
report::TerminalOptions terminal_options(const Globals& globals, const Environment& environment);

}  // namespace marvel::cli
