#pragma once

#include "base/env.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// The whole program but main's last catch. `words` is the command line without the program's
// name. Returns the exit code (see exit_code.hpp). May throw only what nobody foresaw.
int run_program(const std::vector<std::string>& words, const Environment& environment);

}  // namespace marvel::cli
