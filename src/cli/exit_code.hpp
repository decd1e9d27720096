#pragma once

#include "base/error.hpp"

namespace marvel::cli {

// What the program answers to the shell. Finer reasons stand in the "code" of a JSON error. A
// command may have more meanings, which CommandNotes::exit_codes names; 1 is kept for "no", as with
// grep and diff, so that a script can tell it from a failure.
enum ExitCode : int {
  kExitDone = 0,
  kExitNo = 1,       // ran well, and the answer is no
  kExitUsage = 2,    // wrong command line, configuration or input
  kExitOutside = 3,  // the world refused: disk, peer, device, time-out, diverged training
  kExitBug = 4,      // a mistake of ours
};

// The exit code for a failure. The caller's fault: kUsage, kInput and kUnsupported. Ours:
// kInternal. All else is the world's.
int exit_code(Errc code);
// 130 for SIGINT, 143 for SIGTERM. 128 and the number, as shells have it.
int exit_code_of_signal(int signal);

}  // namespace marvel::cli
