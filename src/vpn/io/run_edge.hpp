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

// The program around an edge of the native protocol: sockets, device, clock, signals and files.
// Made by the command line, which has checked what it can. run_edge.cpp draws the way of a packet.
struct EdgeRun {
  // Who the edge is; without `unix_ns_at_zero` and `mtu`, which run_edge() sets.
  EdgeOptions node;
  std::string community;  // its name, for people
  Endpoint listen;        // port 0: any
  // Of the TAP; the kernel finds a number for %d.
  std::string device = "marvel%d";
  // Of the device, in bytes of an IP packet.
  std::size_t mtu = kDefaultMtu;
  // The state folder, which exists. It belongs to one node: locked while it runs, with the sockets
  // status.sock and measure.sock in it.
  std::filesystem::path state;
  std::function<void(const std::string& address)> on_address;  // "10.8.0.2/24", when it is set up
  // To go on as after set-up, with CAP_NET_ADMIN alone; empty: as before. The state folder is given
  // to this user.
  std::string user;
  bool find_in_lan = true;          // tell the local network who is here, and hear who else is
  std::optional<Endpoint> metrics;  // where Prometheus may ask, over TCP
  int threads = 0;                  // as in start_packet_threads
  // In a Reload: by what peers and super nodes are known from then on.
  struct Memberships {
    Membership peers;
    Membership supernodes;
  };
  // What a node takes from its files while it runs. All else counts only after a restart.
  struct Reload {
    std::optional<Memberships> memberships;  // none: as before
    EdgeSettings settings;
    std::vector<std::string> restart;   // flags that have changed and count only after a restart
    std::vector<std::string> warnings;  // of what is left out of the settings, for people
  };
  // Called at SIGHUP, for files and configuration as they are then, in a thread of its own
  // (aside.hpp). A failure, an older list of revocations, and an announced network inside the
  // community's is a warning, and all stays as it was. May be empty.
  std::function<Result<Reload>()> reload;
};

// Runs an edge on this machine until somebody asks to stop (Context::stop); then it takes its leave
// of the others. Blocks; start_crypto() comes before.
//
// kConflict while another node has the state folder; kUnavailable for a port that is taken, and
// when the device goes away meanwhile; kDenied for a device that may not be made or given its
// address; kUnsupported without /dev/net/tun; kInternal when a helper thread met a mistake of ours.
// A route that cannot be set is a warning.
Status run_edge(EdgeRun options, Context& context);

}  // namespace marvel::vpn
