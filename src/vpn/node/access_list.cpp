#include "vpn/node/access_list.hpp"

#include "base/text.hpp"
#include "vpn/offload/ipv6.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kIcmp = 1;  // protocol numbers of IP
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmpV6 = 58;
constexpr std::size_t kMostFlows = 65536;

Duration kept(std::uint8_t protocol) {
  return protocol == kTcp ? Duration(std::chrono::hours(1)) : Duration(seconds(120));
}

std::uint8_t protocol_named(std::string_view word) {
  return word == "tcp" ? kTcp : word == "udp" ? kUdp : word == "icmp" ? kIcmp : 0;
}

// Reports about packets of ours: destination unreachable, time exceeded, parameter problem.
bool is_report(std::uint8_t protocol, std::uint8_t type) {
  if (protocol == kIcmp) {
    return type == 3 || type == 11 || type == 12;
  }
  return protocol == kIcmpV6 && type >= 1 && type <= 4;
}

}  // namespace

// Ports of TCP and UDP; of an echo its identifier as both.
struct AccessList::Packet {
  std::uint8_t protocol = 0;
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
  bool report = false;
  bool later_fragment = false;
};

AccessList::Packet AccessList::parse(Bytes frame) {
  Packet packet;
  std::size_t at = kEthernet + kIpv6Header;
  if (has_ipv4_header(frame)) {
    packet.protocol = frame[kEthernet + 9];
    packet.later_fragment = (load_be16(frame.data() + kEthernet + 6) & 0x1fffU) != 0;
    at = kEthernet + std::size_t{4} * (frame[kEthernet] & 15U);
  } else {
    packet.protocol = frame[kEthernet + 6];
  }
  if (packet.later_fragment || frame.size() < at + 8) {
    return packet;
  }
  if (packet.protocol == kTcp || packet.protocol == kUdp) {
    packet.source = load_be16(frame.data() + at);
    packet.destination = load_be16(frame.data() + at + 2);
  } else if (packet.protocol == kIcmp || packet.protocol == kIcmpV6) {
    packet.report = is_report(packet.protocol, frame[at]);
    packet.source = packet.destination = load_be16(frame.data() + at + 4);
  }
  return packet;
}

Result<AccessRule> parse_access_rule(const std::string& text) {
  const Error wrong{Errc::kUsage,
                    "--allow '" + text + "' is not GROUP[:PROTOCOL[/PORT]]",
                    "as in camera, camera:tcp/8554 or '*:icmp'",
                    {}};
  const auto colon = text.find(':');
  AccessRule rule;
  rule.group = text.substr(0, colon);
  if (rule.group.empty()) {
    return fail(wrong);
  }
  if (colon == std::string::npos) {
    return rule;
  }
  const std::string what = text.substr(colon + 1);
  const auto slash = what.find('/');
  rule.protocol = protocol_named(what.substr(0, slash));
  if (rule.protocol == 0 || (slash != std::string::npos && rule.protocol == kIcmp)) {
    return fail(wrong);
  }
  if (slash != std::string::npos) {
    const auto port = parse_unsigned(what.substr(slash + 1));
    if (!port || *port == 0 || *port > 65535) {
      return fail(wrong);
    }
    rule.port = static_cast<std::uint16_t>(*port);
  }
  return rule;
}

std::size_t AccessList::Hash::operator()(const Flow& flow) const {
  const std::uint64_t ports = std::uint64_t{flow.here} << 32U | std::uint64_t{flow.there} << 8U;
  return load_le<std::uint64_t>(flow.peer.data()) ^ (ports + flow.protocol) * 0x9e3779b97f4a7c15U;
}

void AccessList::sent(Time now, const NodeId& peer, Bytes frame) {
  if (is_open()) {
    return;
  }
  const Packet packet = parse(frame);
  const Flow flow{peer, packet.protocol, packet.source, packet.destination};
  if (const auto known = begun_.find(flow); known != begun_.end()) {
    known->second = now;
  } else if (begun_.size() < kMostFlows) {
    begun_.emplace(flow, now);
  }
}

bool AccessList::allows(Time now, const NodeId& peer, const std::vector<std::string>& groups,
                        Bytes frame) {
  if (is_open()) {
    return true;
  }
  const Packet packet = parse(frame);
  // Without its first part no host puts a packet together.
  if (packet.report || packet.later_fragment) {
    return true;
  }
  const auto begun = begun_.find({peer, packet.protocol, packet.destination, packet.source});
  if (begun != begun_.end() && now - begun->second < kept(packet.protocol)) {
    begun->second = now;
    return true;
  }
  const std::uint8_t family = packet.protocol == kIcmpV6 ? kIcmp : packet.protocol;
  return std::any_of(rules_.begin(), rules_.end(), [&](const AccessRule& rule) {
    const bool member =
        rule.group == "*" || std::find(groups.begin(), groups.end(), rule.group) != groups.end();
    return member && (rule.protocol == 0 || rule.protocol == family) &&
           (rule.port == 0 || rule.port == packet.destination);
  });
}

void AccessList::sweep(Time now) {
  std::erase_if(begun_, [now](const auto& entry) {
    return now - entry.second >= kept(entry.first.protocol);
  });
}

}  // namespace marvel::vpn
