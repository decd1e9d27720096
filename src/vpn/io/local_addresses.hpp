#pragma once

#include "vpn/io/fd.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>
#include <vector>

namespace marvel::vpn {

// Where this machine may be reached inside its own networks: its addresses but for loopback,
// link-local ones, and those of tunnels and of the device `without`, which would lead through the
// tunnel itself. With `port` each, in the order of the system; IPv6 ones only without `ipv4_only`.
// Empty where the system tells nothing.
//
// A tunnel is a TUN or TAP device of any program, VXLAN, Geneve or WireGuard. Asks the kernel and
// reads small files below /sys for each address: not for every packet, but for a start and for the
// watch below.
std::vector<Endpoint> local_endpoints(std::uint16_t port, const std::string& without,
                                      bool ipv4_only);

// Numbers of the devices that have an IPv4 address and can send to all in their network, tunnels
// and `without` left out.
std::vector<int> lan_devices(const std::string& without);

// A socket that can be read when addresses of this machine have changed (rtnetlink(7), of IPv4 and
// IPv6); not open where the kernel does not tell. It does not say what has changed: whoever watches
// asks local_endpoints() again and compares.
Fd open_address_watch();
// Reads what has come, without waiting. Whether there was anything. Changes that come together are
// one.
bool drain_address_watch(const Fd& watch);

}  // namespace marvel::vpn
