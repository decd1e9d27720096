#pragma once

#include "base/env.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// The whole program but main's last catch. `words` is the command line without the program's name.
// Returns the exit code (see exit_code.hpp). May throw only what nobody foresaw. Once per process:
// it installs handlers of signals and owns standard error. Help, completion and versions load no
// plug-in and read no configuration, so they answer within milliseconds. When it returns, all is
// printed.
//   run_program({"compress", "train", "--epochs", "10"}, Environment::from_process(environ));
int run_program(const std::vector<std::string>& words, const Environment& environment);

}  // namespace marvel::cli
