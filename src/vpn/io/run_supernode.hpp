#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "vpn/node/supernode.hpp"

#include <filesystem>
#include <functional>
#include <optional>

namespace marvel::vpn {

struct SupernodeRun {
  Endpoint listen;
  std::filesystem::path state;  // exists; a file NAME.leases per community is kept in it
  std::vector<Supernode::CommunityOptions> communities;
  SupernodeLimits limits;
  std::string user;                 // to go on as after set-up; empty: as before
  std::optional<Endpoint> metrics;  // where Prometheus may ask, over TCP
  int threads = 0;                  // as in start_packet_threads
  struct Reload {
    std::vector<Supernode::CommunityOptions> communities;  // all; others are served no more
    SupernodeLimits limits;
    std::vector<std::string> restart;  // flags that have changed and count only after a restart
    std::function<void()> accepted;    // called when these communities are served; may be empty
  };
  std::function<Result<Reload>()> reload;  // at SIGHUP: files and configuration as they are now
};

// Runs a super node on this machine until somebody asks to stop. Leases are on disk at most a
// second after they were given. kInput for a file of leases that is damaged.
Status run_supernode(const SupernodeRun& options, Context& context);

}  // namespace marvel::vpn
