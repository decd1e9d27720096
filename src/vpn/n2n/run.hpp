#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "vpn/n2n/edge.hpp"
#include "vpn/n2n/supernode.hpp"

#include <filesystem>
#include <functional>

namespace marvel::vpn::n2n {

// The programs around the two machines of this mode: sockets, device, clock, signals and files.
// They are made of the same parts as those of the native mode (vpn/io), share nothing with a native
// node, and block until Context::stop is raised.
//
// Both take the lock of the state folder first, then open all sockets and the device, and then drop
// privileges. `state` exists and belongs to one node: kConflict while another one has it. A port
// that is taken is kUnavailable, a device that may not be made kDenied.
//
// At SIGHUP `reload` is called in a thread of its own, because it may ask DNS; what it captures
// must bear that. When it fails the node warns and goes on as it was. An empty one: SIGHUP does
// nothing. Members of one name mean the same in both structs.

// An edge: what it is told by the command line.
struct EdgeRun {
  // All but `unix_ns_at_zero`, which run_edge() sets.
  EdgeOptions node;
  Endpoint listen;  // port 0: any
  // Of the TAP; the kernel finds a number for %d.
  std::string device = "marvel%d";
  // Of the device, in bytes of an IP packet. It must leave room for what stands before it in a
  // datagram of kMostDatagram bytes: the command line allows 1900.
  std::size_t mtu = kDefaultMtu;
  std::filesystem::path state;  // exists
  // To go on as when all is open, with CAP_NET_ADMIN alone; empty: no other.
  std::string user;
  // Where Prometheus may ask, over TCP; none: nowhere.
  std::optional<Endpoint> metrics;
  int threads = 0;  // as in start_packet_threads
  // "10.8.0.2/24", when it is set up on the device; called again when the address changes, in the
  // node's thread. May be empty.
  std::function<void(const std::string& address)> on_address;
  struct Reload {
    EdgeSettings settings;
    std::vector<std::string> restart;   // flags that have changed and count only after a restart
    std::vector<std::string> warnings;  // of what is left out of the settings, for people
  };
  std::function<Result<Reload>()> reload;  // at SIGHUP: the configuration as it is now
};
// Runs an edge on this machine until somebody asks to stop; then it takes leave of its super node.
// kUnavailable when the device goes away meanwhile, kInternal when a helper thread met a mistake of
// ours. start_crypto() comes before.
Status run_edge(EdgeRun options, Context& context);

// A super node: it has no device, and serves the communities of `served` and no others.
struct SupernodeRun {
  // All but `unix_ns_at_zero` and `key_time`, which run_supernode() sets.
  SupernodeOptions node;
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
// Runs a super node on this machine until somebody asks to stop. Errors as run_edge(), and those of
// Supernode::serve() for `served`. Edges are not told at the end: they find out, and go elsewhere.
Status run_supernode(const SupernodeRun& options, Context& context);

}  // namespace marvel::vpn::n2n
