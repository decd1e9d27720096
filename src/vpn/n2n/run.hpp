#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <filesystem>
#include <functional>

namespace marvel::vpn::n2n {

struct EdgeRun {
  EdgeOptions node;                 // without unix_ns_at_zero
  Endpoint listen;                  // port 0: any
  std::string device = "marvel%d";  // of the TAP
  std::size_t mtu = kDefaultMtu;
  std::filesystem::path state;                                 // exists
  std::string user;                                            // to go on as; empty: no other
  std::optional<Endpoint> metrics;                             // where Prometheus may ask, over TCP
  int threads = 0;                                             // as in start_packet_threads
  std::function<void(const std::string& address)> on_address;  // "10.8.0.2/24", when it is set up
  struct Reload {
    EdgeSettings settings;
    std::vector<std::string> restart;  // flags that have changed and count only after a restart
  };
  std::function<Result<Reload>()> reload;  // at SIGHUP: the configuration as it is now
};
// Runs an edge on this machine until somebody asks to stop.
Status run_edge(EdgeRun options, Context& context);

struct SupernodeRun {
  SupernodeOptions node;  // without unix_ns_at_zero and key_time
  CommunityList served;
  struct Reload {
    CommunityList served;
    std::vector<std::string> restart;  // flags that have changed and count only after a restart
  };
  std::function<Result<Reload>()> reload;  // at SIGHUP: files and configuration as they are now
  Endpoint listen;
  std::filesystem::path state;      // exists
  std::string user;                 // to go on as; empty: no other
  std::optional<Endpoint> metrics;  // where Prometheus may ask, over TCP
  int threads = 0;                  // as in start_packet_threads
};
Status run_supernode(const SupernodeRun& options, Context& context);

}  // namespace marvel::vpn::n2n
