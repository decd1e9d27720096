#include "vpn/node/access_list.hpp"

#include "base/text.hpp"
#include "vpn/offload/ip_protocols.hpp"
#include "vpn/offload/ipv6.hpp"

#include <algorithm>
#include <iterator>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kUnclear = 255;  // reserved: of packets whose headers have no end here
constexpr std::size_t kMostFlows = 65536;

constexpr std::uint8_t kFin = 0x01;  // flags of TCP
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kReset = 0x04;
constexpr std::uint8_t kAck = 0x10;
constexpr std::size_t kFlagsAt = 13;
constexpr std::size_t kIpv4Header = 20;  // without options
constexpr std::size_t kErrorHeader = 8;  // of ICMP, in front of the packet that it is about

std::uint8_t protocol_named(std::string_view word) {
  return word == "tcp" ? kIpTcp : word == "udp" ? kIpUdp : word == "icmp" ? kIpIcmp : 0;
}

// Questions of ping.
bool is_echo(std::uint8_t protocol, std::uint8_t type) {
  return protocol == kIpIcmp ? type == 8 : protocol == kIpIcmpV6 && type == 128;
}

// Reports about packets of ours: destination unreachable, time exceeded, parameter problem.
bool is_report(std::uint8_t protocol, std::uint8_t type) {
  if (protocol == kIpIcmp) {
    return type == 3 || type == 11 || type == 12;
  }
  return protocol == kIpIcmpV6 && type >= 1 && type <= 4;
}

}  // namespace

// Ports of TCP and UDP; of an echo its identifier as both.
struct AccessList::Packet {
  std::uint8_t protocol = 0;
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
  std::uint8_t flags = 0;  // of TCP
  bool begins = false;     // whatever was before: TCP's first packet, or the question of an echo
  bool later_fragment = false;
  bool report = false;
  Bytes reported;  // the beginning of the packet that a report is about
};

// `ip` begins with the header of IPv4 or IPv6 and may end anywhere, as in a report of ICMP.
AccessList::Packet AccessList::parse(Bytes ip) {
  Packet packet;
  const bool ipv4 = ip.size() >= kIpv4Header && ip[0] >> 4U == 4;
  if (!ipv4 && ip.size() < kIpv6Header) {
    return packet;
  }
  std::size_t at = ip.size();
  if (ipv4) {
    packet.protocol = ip[9];
    packet.later_fragment = (load_be16(ip.data() + 6) & 0x1fffU) != 0;
    at = std::size_t{4} * (ip[0] & 15U);
  } else if (const auto upper = upper_layer_of_packet(ip)) {
    packet.protocol = upper->protocol;
    packet.later_fragment = upper->protocol == kFragmentHeader;
    at = upper->at;
  } else {
    packet.protocol = kUnclear;
  }
  if (packet.later_fragment || ip.size() < at + kErrorHeader) {
    return packet;
  }
  const Bytes transport = ip.subspan(at);
  if (packet.protocol == kIpTcp || packet.protocol == kIpUdp) {
    packet.source = load_be16(transport.data());
    packet.destination = load_be16(transport.data() + 2);
    const bool has_flags = packet.protocol == kIpTcp && transport.size() > kFlagsAt;
    packet.flags = has_flags ? transport[kFlagsAt] : std::uint8_t{0};
    packet.begins = (packet.flags & (kSyn | kAck)) == kSyn;
  } else if (packet.protocol == kIpIcmp || packet.protocol == kIpIcmpV6) {
    packet.begins = is_echo(packet.protocol, transport[0]);
    packet.report = is_report(packet.protocol, transport[0]);
    packet.reported = transport.subspan(kErrorHeader);
    packet.source = packet.destination = load_be16(transport.data() + 4);
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
  if (rule.protocol == 0 || (slash != std::string::npos && rule.protocol == kIpIcmp)) {
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

Duration AccessList::kept(const Begun& begun) {
  if (begun.flow.protocol != kIpTcp) {
    return seconds(120);
  }
  return begun.ended ? Duration(seconds(30)) : Duration(std::chrono::hours(1));
}

void AccessList::forget(Flows::iterator one) {
  index_.erase(one->flow);
  flows(one->ours).erase(one);
}

const AccessList::Begun* AccessList::find(Time now, const Flow& flow) const {
  const auto known = index_.find(flow);
  const bool counts = known != index_.end() && now - known->second->last < kept(*known->second);
  return counts ? &*known->second : nullptr;
}

AccessList::Flows::iterator AccessList::add(const Flow& flow, bool ours) {
  Flows& all = flows(ours);
  all.push_back({flow, {}, false, ours});
  index_.emplace(flow, std::prev(all.end()));
  return std::prev(all.end());
}

void AccessList::note(Time now, const Flow& flow, const Packet& packet, bool ours) {
  const bool is_new = packet.begins || find(now, flow) == nullptr;
  const auto known = index_.find(flow);
  const auto one = known == index_.end() ? add(flow, ours) : known->second;
  Flows& before = flows(one->ours);
  one->ours = is_new ? ours : one->ours;
  one->last = now;
  one->ended = (packet.flags & kSyn) == 0 && (one->ended || (packet.flags & (kFin | kReset)) != 0);
  Flows& after = flows(one->ours);
  after.splice(after.end(), before, one);
  if (after.size() > kMostFlows) {
    forget(after.begin());  // the one that is quiet longest
  }
}

void AccessList::sent(Time now, const NodeId& peer, Bytes frame) {
  if (is_open()) {
    return;
  }
  const Packet packet = parse(frame.subspan(kEthernet));
  if (packet.protocol == kUnclear || packet.later_fragment) {
    return;  // no answer can be told by it
  }
  note(now, {peer, packet.protocol, packet.source, packet.destination}, packet, true);
}

bool AccessList::allows(Time now, const NodeId& peer, const std::vector<std::string>& groups,
                        Bytes frame) {
  if (is_open()) {
    return true;
  }
  const Packet packet = parse(frame.subspan(kEthernet));
  // Without its first part no host puts a packet together.
  if (packet.later_fragment) {
    return true;
  }
  if (packet.report) {
    const Packet ours = parse(packet.reported);
    return find(now, {peer, ours.protocol, ours.source, ours.destination}) != nullptr ||
           is_by_rule(groups, packet);
  }
  const Flow flow{peer, packet.protocol, packet.destination, packet.source};
  const Begun* const known = packet.begins ? nullptr : find(now, flow);
  const bool is_answer = known != nullptr && known->ours;
  if (!is_answer && !is_by_rule(groups, packet)) {
    return false;
  }
  if (packet.protocol != kUnclear) {
    note(now, flow, packet, false);
  }
  return true;
}

bool AccessList::is_by_rule(const std::vector<std::string>& groups, const Packet& packet) const {
  const std::uint8_t family = packet.protocol == kIpIcmpV6 ? kIpIcmp : packet.protocol;
  return std::any_of(rules_.begin(), rules_.end(), [&](const AccessRule& rule) {
    const bool member =
        rule.group == "*" || std::find(groups.begin(), groups.end(), rule.group) != groups.end();
    return member && (rule.protocol == 0 || rule.protocol == family) &&
           (rule.port == 0 || rule.port == packet.destination);
  });
}

void AccessList::sweep(Time now) {
  sweep(now, ours_);
  sweep(now, theirs_);
}

void AccessList::sweep(Time now, Flows& all) {
  for (auto one = all.begin(); one != all.end();) {
    const auto next = std::next(one);
    if (now - one->last >= kept(*one)) {
      forget(one);
    }
    one = next;
  }
}

}  // namespace marvel::vpn
