#pragma once

#include <cstdint>

namespace marvel::vpn {

// Protocol numbers of IPv4 and next headers of IPv6, as IANA assigns them.
inline constexpr std::uint8_t kIpIcmp = 1;
inline constexpr std::uint8_t kIpTcp = 6;
inline constexpr std::uint8_t kIpUdp = 17;
inline constexpr std::uint8_t kIpGre = 47;
inline constexpr std::uint8_t kIpIcmpV6 = 58;

}  // namespace marvel::vpn
