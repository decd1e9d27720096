#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// Parts of `marvel vpn`; each adds its commands below it and keeps their flags alive. The order of
// calls is that of help. What edge and super node share is in vpn_node_flags.hpp; status, ping and
// measure ask a running edge over the sockets in its state folder.
void add_vpn_supernode(CommandTree& tree, CLI::App& vpn);
void add_vpn_edge(CommandTree& tree, CLI::App& vpn);
void add_vpn_measure(CommandTree& tree, CLI::App& vpn);
void add_vpn_watch(CommandTree& tree, CLI::App& vpn);  // status, ping
void add_vpn_cert(CommandTree& tree, CLI::App& vpn);   // cert issue, revoke, show

}  // namespace marvel::cli
