#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// For a program that goes on after its configuration has changed: reads files and environment
// again, and then the flags that the program was started with over them, into `fresh`, a tree that
// holds the globals and the one command at `path` with options that nothing was read into yet.
// kUsage and kInput as at the start of a program; `fresh` is of no use then.
Status read_settings_again(const Session& session, const std::vector<std::string>& path,
                           CommandTree& fresh);

}  // namespace marvel::cli
