#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "vpn/node/edge.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace marvel::vpn {

struct EdgeRun {
  EdgeOptions node;                 // without unix_ns_at_zero
  std::string community;            // its name, for people
  Endpoint listen;                  // port 0: any
  std::string device = "marvel%d";  // of the TAP
  std::size_t mtu = kDefaultMtu;
  std::filesystem::path state;                                 // exists
  std::function<void(const std::string& address)> on_address;  // "10.8.0.2/24", when it is set up
  std::string user;                 // to go on as after set-up; empty: as before
  bool find_in_lan = true;          // tell the local network who is here, and hear who else is
  std::optional<Endpoint> metrics;  // where Prometheus may ask, over TCP
  int threads = 0;                  // as in start_packet_threads
  struct Memberships {
    Membership peers;
    Membership supernodes;
  };
  struct Reload {
    std::optional<Memberships> memberships;  // none: as before
    EdgeSettings settings;
    std::vector<std::string> restart;  // flags that have changed and count only after a restart
  };
  std::function<Result<Reload>()> reload;  // at SIGHUP: files and configuration as they are now
};

// Runs an edge on this machine until somebody asks to stop; then it takes its leave of the others.
Status run_edge(EdgeRun options, Context& context);

}  // namespace marvel::vpn
