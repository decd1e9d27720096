#pragma once

#include "base/env.hpp"
#include "base/result.hpp"
#include "base/stop.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace marvel {

// What to run, as a credential helper of Docker or kubectl. No shell stands between: arguments
// arrive as they are, blanks and quotes included.
//   {"docker-credential-pass", {"get"}, {}, std::chrono::seconds(30)}
struct Program {
  std::string file;  // with a slash: this file; else looked up in PATH
  std::vector<std::string> arguments;
  // Name and value; set in place of a variable of ours with that name.
  std::vector<std::pair<std::string, std::string>> extra_environment;
  // For the whole run, from its start to its end.
  std::chrono::milliseconds limit{60'000};
  bool own_input = false;  // it reads our standard input, to ask somebody there
};

// Runs a program with this process's environment and the extra variables, `input` (at most 4096
// bytes, unless it has our own) and our standard error, and returns what it wrote to standard
// output (at most 1 MiB). It is ended by SIGKILL when its time is over or `stop` is raised, within
// about 100 ms; programs that it has started itself are not. kInput when there is no such program
// or its input is too long; kFailed when it ends with another code than 0 or by a signal, writes
// more, or `stop` was raised; kTimeout; kUnavailable when no pipe can be made. What it wrote before
// it failed is lost.
//
// Blocks the caller; any thread, several at once. Messages name the program but never `input` and
// the variables, which may hold secrets. The limit on the input is what the smallest pipe of Linux
// holds: it is written before the program starts, so one that never reads blocks nobody.
Result<std::string> run_program_for_output(const Program& program, const StopFlag& stop,
                                           std::string_view input = {});

}  // namespace marvel
