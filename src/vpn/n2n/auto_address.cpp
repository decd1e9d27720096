#include "vpn/n2n/auto_address.hpp"

#include "vpn/n2n/pearson.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr Ipv4 kFirstNetwork = 0x0a800000;  // 10.128.0.0
constexpr std::uint32_t kNetworks = 32768;
constexpr unsigned kBits = 24;

// From `start` downwards to `lowest`, then upwards from there to `highest`.
template <class Taken>
std::optional<std::uint32_t> search(std::uint32_t start, std::uint32_t lowest,
                                    std::uint32_t highest, const Taken& taken) {
  for (std::uint32_t at = start; at >= lowest && at <= start; --at) {
    if (!taken(at)) {
      return at;
    }
  }
  for (std::uint32_t at = start + 1; at <= highest; ++at) {
    if (!taken(at)) {
      return at;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Subnet> auto_subnet(const Community& community,
                                  const std::function<bool(const Subnet&)>& taken) {
  const auto subnet_at = [](std::uint32_t index) {
    return Subnet{kFirstNetwork + (index << (32 - kBits)), kBits};
  };
  const auto index = search(pearson_32(community) % kNetworks, 0, kNetworks - 1,
                            [&](std::uint32_t at) { return taken(subnet_at(at)); });
  return index ? std::optional(subnet_at(*index)) : std::nullopt;
}

std::optional<Ipv4> auto_address(const Subnet& subnet, const Description& description,
                                 const std::function<bool(Ipv4)>& taken) {
  const std::uint32_t host_mask = ~subnet.mask();
  const std::uint32_t last = host_mask - 1;
  const std::uint32_t start = std::clamp(pearson_32(description) & host_mask, 1U, last);
  const auto host =
      search(start, 1, last, [&](std::uint32_t at) { return taken(subnet.base + at); });
  return host ? std::optional(subnet.base + *host) : std::nullopt;
}

}  // namespace marvel::vpn::n2n
