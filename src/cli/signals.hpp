#pragma once

#include "base/stop.hpp"

namespace marvel::cli {

// Turns SIGINT and SIGTERM into a request to stop. The first one raises `stop` and says so on
// standard error; the second ends the program at once with 130 or 143. `stop` must live until the
// program ends. Call once, when work begins that knows how to stop; before that a signal simply
// ends the program. System calls that were interrupted go on (SA_RESTART), so code that waits has
// to look at the flag itself. A command that fails once the flag is raised ends with the code of
// the signal (program.cpp), whatever its error was.
void stop_on_signals(StopFlag& stop);

}  // namespace marvel::cli
