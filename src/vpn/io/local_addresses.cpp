#include "vpn/io/local_addresses.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>

#include <ifaddrs.h>

namespace marvel::vpn {
namespace {

// Empty for an address that is of no use.
Endpoint usable(const sockaddr& address, std::uint16_t port, bool ipv4_only) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    const std::uint32_t number = ntohl(v4.sin_addr.s_addr);
    const bool link_local = number >> 16U == 0xa9fe;
    return link_local ? Endpoint() : Endpoint::from_ipv4(number, port);
  }
  if (address.sa_family != AF_INET6 || ipv4_only) {
    return {};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  Endpoint endpoint;
  std::memcpy(endpoint.address.data(), &v6.sin6_addr, endpoint.address.size());
  const bool link_local = endpoint.address[0] == 0xfe && (endpoint.address[1] & 0xc0U) == 0x80;
  endpoint.port = link_local ? std::uint16_t{0} : port;
  return endpoint;
}

// Devices that carry tunnels: what goes to their addresses may come back through our own.
bool is_tunnel(const std::string& device) {
  const std::filesystem::path folder = "/sys/class/net/" + device;
  std::error_code error;
  if (std::filesystem::exists(folder / "tun_flags", error)) {
    return true;
  }
  std::ifstream events(folder / "uevent");
  for (std::string line; std::getline(events, line);) {
    if (line == "DEVTYPE=vxlan" || line == "DEVTYPE=geneve" || line == "DEVTYPE=wireguard") {
      return true;
    }
  }
  return false;
}

// Those of devices that lead to a local network and are up.
template <class Take>
void for_each_address(const std::string& without, const Take& take) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) {
    return;
  }
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    const bool skip = one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0 ||
                      (one->ifa_flags & IFF_UP) == 0 || without == one->ifa_name ||
                      is_tunnel(one->ifa_name);
    if (!skip) {
      take(*one);
    }
  }
  ::freeifaddrs(all);
}

}  // namespace

std::vector<Endpoint> local_endpoints(std::uint16_t port, const std::string& without,
                                      bool ipv4_only) {
  std::vector<Endpoint> endpoints;
  for_each_address(without, [&](const ifaddrs& one) {
    const Endpoint endpoint = usable(*one.ifa_addr, port, ipv4_only);
    if (!endpoint.empty()) {
      endpoints.push_back(endpoint);
    }
  });
  return endpoints;
}

std::vector<int> lan_devices(const std::string& without) {
  std::set<int> devices;  // a device may have several addresses
  for_each_address(without, [&](const ifaddrs& one) {
    if (one.ifa_addr->sa_family == AF_INET && (one.ifa_flags & IFF_MULTICAST) != 0) {
      devices.insert(static_cast<int>(::if_nametoindex(one.ifa_name)));
    }
  });
  return {devices.begin(), devices.end()};
}

Fd open_address_watch() {
  Fd watch(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (watch.is_open() &&
      ::bind(watch.get(), reinterpret_cast<const sockaddr*>(&groups), sizeof groups) != 0) {
    return {};
  }
  return watch;
}

bool drain_address_watch(const Fd& watch) {
  std::array<char, 8192> buffer{};
  bool any = false;
  while (::recv(watch.get(), buffer.data(), buffer.size(), 0) > 0) {
    any = true;
  }
  return any;
}

}  // namespace marvel::vpn
