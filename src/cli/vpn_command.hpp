#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// Parts of `marvel vpn`; each adds its commands below it.
void add_vpn_supernode(CommandTree& tree, CLI::App& vpn);
void add_vpn_edge(CommandTree& tree, CLI::App& vpn);
void add_vpn_measure(CommandTree& tree, CLI::App& vpn);
void add_vpn_watch(CommandTree& tree, CLI::App& vpn);  // status, ping
void add_vpn_cert(CommandTree& tree, CLI::App& vpn);   // cert issue, revoke, show

}  // namespace marvel::cli
