#include "vpn/offload/frame.hpp"

#include <algorithm>
#include <vector>

namespace marvel::vpn {
namespace {

constexpr std::size_t kArpSize = kEthernet + 28;
constexpr Block<8> kArpRequest{0, 1, 8, 0, 6, 4, 0, 1};  // Ethernet, IPv4, their sizes, request
constexpr Block<8> kArpReply{0, 1, 8, 0, 6, 4, 0, 2};

Mac mac_at(Bytes frame, std::size_t at) {
  Mac mac{};
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at), mac.size(), mac.begin());
  return mac;
}

}  // namespace

Mac destination_of(Bytes frame) {
  return mac_at(frame, 0);
}

Mac source_of(Bytes frame) {
  return mac_at(frame, 6);
}

bool is_broadcast(Bytes frame) {
  return std::all_of(frame.begin(), frame.begin() + 6,
                     [](std::uint8_t one) { return one == 0xff; });
}

bool has_ipv4_header(Bytes frame) {
  return frame.size() >= kEthernet + 20 && ether_type(frame) == kTypeIpv4 &&
         frame[kEthernet] >> 4U == 4 && (frame[kEthernet] & 15U) >= 5;
}

std::optional<ArpRequest> read_arp_request(Bytes frame) {
  if (frame.size() < kArpSize ||
      !std::equal(kArpRequest.begin(), kArpRequest.end(), frame.begin() + kEthernet)) {
    return std::nullopt;
  }
  return ArpRequest{mac_at(frame, kEthernet + 8), load_be32(frame.data() + kEthernet + 14),
                    load_be32(frame.data() + kEthernet + 24)};
}

std::vector<std::uint8_t> arp_reply(const ArpRequest& request, const Mac& target_mac) {
  std::vector<std::uint8_t> frame(kArpSize);
  std::copy(request.sender_mac.begin(), request.sender_mac.end(), frame.begin());
  std::copy(target_mac.begin(), target_mac.end(), frame.begin() + 6);
  store_be16(frame.data() + 12, kTypeArp);
  std::copy(kArpReply.begin(), kArpReply.end(), frame.begin() + kEthernet);
  std::copy(target_mac.begin(), target_mac.end(), frame.begin() + kEthernet + 8);
  store_be32(frame.data() + kEthernet + 14, request.target);
  std::copy(request.sender_mac.begin(), request.sender_mac.end(), frame.begin() + kEthernet + 18);
  store_be32(frame.data() + kEthernet + 24, request.sender);
  return frame;
}

// The sum does not care in which byte order it is made (RFC 1071, 2B), so words of the machine's
// own order are added and the result is turned round once.
std::uint64_t checksum_add(std::uint64_t sum, Bytes bytes) {
  std::uint64_t native = 0;
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    native += load_le<std::uint32_t>(bytes.data() + at);
  }
  Block<4> rest{};
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), rest.begin());
  native += load_le<std::uint32_t>(rest.data());
  const std::uint16_t folded = checksum_fold(native);
  return sum + static_cast<std::uint16_t>(folded << 8U | folded >> 8U);
}

std::uint16_t checksum_fold(std::uint64_t sum) {
  while (sum >> 16U != 0) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(sum);
}

}  // namespace marvel::vpn
