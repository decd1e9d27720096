#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// The commands below `marvel fedl` that have a file of their own.
void add_fedl_status(CommandTree& tree, CLI::App& fedl);
void add_fedl_simulate(CommandTree& tree, CLI::App& fedl);

}  // namespace marvel::cli
