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

struct Program {
  std::string file;  // with a slash: this file; else looked up in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> extra_environment;
  std::chrono::milliseconds limit{60'000};
  bool own_input = false;  // it reads our standard input, to ask somebody there
};

// Runs a program with this process's environment and the extra variables, `input` (at most 4096
// bytes, unless it has our own) and our standard error, and returns what it wrote to standard
// output (at most 1 MiB). It is ended when its time is over or `stop` is raised. kInput when there
// is no such program or its input is too long; kFailed when it ends with another code than 0;
// kTimeout.
Result<std::string> run_program_for_output(const Program& program, const StopFlag& stop,
                                           std::string_view input = {});

}  // namespace marvel
