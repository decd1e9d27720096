#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// For a program that goes on after its configuration has changed, as a node of the VPN at SIGHUP:
// reads files and environment again, and then the flags that the program was started with over
// them, into `fresh`, a tree that holds the globals and the one command at `path` with options that
// nothing was read into yet. kUsage and kInput as at the start of a program; `fresh` is of no use
// then.
//   CommandTree fresh;
//   register_globals(fresh);
//   auto now = std::make_shared<EdgeFlags>();
//   add_edge(fresh, fresh.add(fresh.root(), "vpn", "", "", {}), now);
//   MARVEL_TRY_STATUS(read_settings_again(session, {"vpn", "edge"}, fresh));
//   // `now` holds what the flags would hold after a restart
// A second tree, because options must not change under a command that reads them, and a failure
// must leave the running one as it is. The environment is the one of the start: a process cannot
// see another. Words without a flag are not read again. Whoever calls compares old and new, and
// knows what takes effect only at a restart. Reads files; from any thread that alone uses `fresh`.
Status read_settings_again(const Session& session, const std::vector<std::string>& path,
                           CommandTree& fresh);

}  // namespace marvel::cli
