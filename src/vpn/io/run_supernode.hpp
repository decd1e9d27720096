#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "vpn/node/supernode.hpp"

#include <filesystem>
#include <functional>
#include <optional>

namespace marvel::vpn {

// The program around a super node of the native protocol: one UDP socket, files, clock and signals.
// It has no device, and needs no privileges beyond those of its port.
struct SupernodeRun {
  Endpoint listen;
  // The state folder, which exists; a file NAME.leases per community is kept in it. It belongs to
  // one node: locked while it runs.
  std::filesystem::path state;
  std::vector<Supernode::CommunityOptions> communities;
  SupernodeLimits limits;
  // To go on as after set-up, without any capability; empty: as before. The state folder is given
  // to this user.
  std::string user;
  std::optional<Endpoint> metrics;  // where Prometheus may ask, over TCP
  int threads = 0;                  // as in start_packet_threads
  // What a node takes from its files while it runs. All else counts only after a restart.
  struct Reload {
    std::vector<Supernode::CommunityOptions> communities;  // all; others are served no more
    SupernodeLimits limits;
    std::vector<std::string> restart;  // flags that have changed and count only after a restart
    std::function<void()> accepted;    // called when these communities are served; may be empty
  };
  // Called at SIGHUP, for files and configuration as they are then, in a thread of its own
  // (aside.hpp). A failure, and communities that cannot be served, are a warning, and all stays as
  // it was. May be empty.
  std::function<Result<Reload>()> reload;
};

// Runs a super node on this machine until somebody asks to stop (Context::stop). Blocks;
// start_crypto() comes before. Leases are on disk at most some three seconds after they were given,
// and at the end; a file that cannot be written is tried again, with one warning.
//
// kInput for a file of leases that is damaged, kUsage for an address that cannot be reserved,
// kConflict while another node has the state folder, kUnavailable for a port that is taken,
// kInternal when a helper thread met a mistake of ours.
Status run_supernode(const SupernodeRun& options, Context& context);

}  // namespace marvel::vpn
