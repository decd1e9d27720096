#pragma once

#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>
#include <vector>

namespace marvel::vpn {

// Where this machine may be reached inside its own networks: its addresses but for loopback,
// link-local ones, and those of tunnels and of the device `without`, which would lead through the
// tunnel itself.
// With `port` each.
std::vector<Endpoint> local_endpoints(std::uint16_t port, const std::string& without,
                                      bool ipv4_only);

// Numbers of the devices that have an IPv4 address and can send to all in their network, tunnels
// and `without` left out.
std::vector<int> lan_devices(const std::string& without);

// A socket that can be read when addresses of this machine have changed; not open where the kernel
// does not tell.
Fd open_address_watch();
// Reads what has come. Whether there was anything.
bool drain_address_watch(const Fd& watch);

}  // namespace marvel::vpn
