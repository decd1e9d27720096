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

// What a node needs to be a service of the machine.

// Tells the service manager (sd_notify(3): a datagram to $NOTIFY_SOCKET), as in "READY=1". Without
// effect where nobody waits.
void notify_service(const std::string& state);

// Where Prometheus may ask; a socket that is closed for nowhere.
Result<net::MetricsSocket> open_metrics(const std::optional<Endpoint>& place);

// After SIGHUP: of flags that have changed and count only after a restart.
void warn_of_restart(const std::vector<std::string>& flags, Context& context);

// A descriptor that can be read after each SIGHUP, which from now on ends the program no more.
Fd open_hangup_watch();
// Reads what has come. Whether there was anything.
bool drain_hangup_watch(const Fd& watch);

// Goes on as `user`, who gets `state` and what is in it; the process can never get more rights
// again. An edge keeps CAP_NET_ADMIN alone, because its address can change. One thread.
Status become(const std::string& user, const std::filesystem::path& state, bool keep_net_admin);

}  // namespace marvel::vpn
