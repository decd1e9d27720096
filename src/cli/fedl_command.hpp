#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// The commands below `marvel fedl`, each in a file of its own. The order of calls is that of help.
// `server`, `client` and `simulate` train; `status` looks at a running server; `export` makes a
// model.pt of its result. Each keeps its flags for itself; what several share is in fedl_flags.hpp.
void add_fedl_server(CommandTree& tree, CLI::App& fedl);
void add_fedl_client(CommandTree& tree, CLI::App& fedl);
void add_fedl_status(CommandTree& tree, CLI::App& fedl);
void add_fedl_export(CommandTree& tree, CLI::App& fedl);
void add_fedl_simulate(CommandTree& tree, CLI::App& fedl);

}  // namespace marvel::cli
