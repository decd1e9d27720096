#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "net/metrics_socket.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace marvel::vpn {

// What a node needs to be a service of the machine. run_edge() and run_supernode() open their
// sockets, drop privileges by become(), watch for SIGHUP, and tell the service manager when they
// are ready and when they stop.

// Tells the service manager (sd_notify(3): a datagram to $NOTIFY_SOCKET), as in "READY=1". Without
// effect where nobody waits. Several lines may stand in one: "READY=1\nSTATUS=10.8.0.2/24 on
// marvel0". The last one of a node is "STOPPING=1".
void notify_service(const std::string& state);

// Where Prometheus may ask; a socket that is closed for nowhere. kUnavailable when the port cannot
// be had.
Result<net::MetricsSocket> open_metrics(const std::optional<Endpoint>& place);

// After SIGHUP: of flags that have changed and count only after a restart, one warning each.
void warn_of_restart(const std::vector<std::string>& flags, Context& context);

// A descriptor that can be read after each SIGHUP, which from now on ends the program no more. The
// signal is blocked for the calling thread and those that it makes later; so it is called before
// others are made, or they are quiet_thread().
Fd open_hangup_watch();
// Reads what has come, without waiting. Whether there was anything.
bool drain_hangup_watch(const Fd& watch);

// Goes on as `user`, who gets `state` and what is directly in it; the process can never get more
// rights again. An edge keeps CAP_NET_ADMIN alone, because its address can change. One thread:
// capabilities and the promise to get no more (PR_SET_NO_NEW_PRIVS) count for the thread that asks
// and for those it makes later.
//
// kUsage for a user that does not exist, with nothing changed; kDenied when a step is refused, with
// the steps before it done, so the caller ends.
Status become(const std::string& user, const std::filesystem::path& state, bool keep_net_admin);

}  // namespace marvel::vpn
