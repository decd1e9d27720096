#pragma once

#include "base/result.hpp"
#include "vpn/constants.hpp"
#include "vpn/node/node_id.hpp"

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

namespace marvel::vpn {

// What other members may begin to say to this machine, by the groups in their certificates. Without
// rules everything passes. With rules a packet passes when one of them allows it, when it belongs
// to what this machine began itself, or when it is an error report of ICMP about something that was
// said. What was begun counts for an hour after the last packet of TCP, for half a minute once one
// side has ended it, and for two minutes of other protocols. What a member began goes by the rules
// to its last packet: without its rule it ends.
//
//   camera           members of the group camera: everything
//   camera:tcp/8554  only TCP to this port
//   *:icmp           everybody: ICMP and ICMPv6
//
// Rules only allow, so their order does not matter. With a passphrase nobody has groups, and only
// rules for "*" say anything.
struct AccessRule {
  std::string group;          // "*": every member
  std::uint8_t protocol = 0;  // of IP; 0: any
  std::uint16_t port = 0;     // 0: any
};
// "GROUP[:PROTOCOL[/PORT]]" with tcp, udp or icmp, and a port of 1 to 65535 for the first two.
// kUsage for another form. Whether there is such a group nobody knows here.
Result<AccessRule> parse_access_rule(const std::string& text);

// The rules of one edge, and who has begun what. Edge calls sent() for each frame that leaves and
// allows() for each that came from a member and is genuine.
//
// It looks at addresses of members, not of IP: a flow is a peer, a protocol and two ports; an ICMP
// echo has its identifier as both. Headers are read as far as they are there. Later fragments
// pass, because without its first part no host puts a packet together. Extension headers of IPv6
// are followed; a packet in which they do not end belongs to no flow and passes by rules for all
// protocols alone.
//
// At most 65,536 flows that were begun here are kept, and as many of others; one more displaces the
// one of its kind that is quiet longest. A packet costs a lookup in a hash table, the first one
// of a flow some memory, and all of it nothing without rules. One thread.
class AccessList {
 public:
  // From the next frame on. Who has begun what stays remembered, so that an answer of this machine
  // to what is allowed no more does not open the way for it.
  void set_rules(std::vector<AccessRule> rules) { rules_ = std::move(rules); }
  [[nodiscard]] bool is_open() const { return rules_.empty(); }

  // An IP frame that this machine sends to `peer`: its answers may come in, unless it is itself one
  // to what came in by a rule. It begins with an Ethernet header. Without rules nothing is
  // remembered: what goes on from before there were rules was begun here once this machine sends.
  void sent(Time now, const NodeId& peer, Bytes frame);
  // Whether a member of these groups may send this IP frame to this machine.
  bool allows(Time now, const NodeId& peer, const std::vector<std::string>& groups, Bytes frame);
  // Forgets what was begun long ago; at least once a minute.
  void sweep(Time now);

 private:
  // `here` and `there` are the ports of this machine and of the peer.
  struct Flow {
    NodeId peer{};
    std::uint8_t protocol = 0;
    std::uint16_t here = 0;
    std::uint16_t there = 0;
    bool operator==(const Flow&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Flow& flow) const;
  };
  struct Packet;
  struct Begun {
    Flow flow;
    Time last{};         // a packet of it
    bool ended = false;  // TCP: one side has sent FIN or RST
    bool ours = false;   // this machine began it
  };
  using Flows = std::list<Begun>;  // the one that is quiet longest first
  static Packet parse(Bytes ip);
  static Duration kept(const Begun& begun);
  // What is known of the flow and not forgotten; null for nothing.
  [[nodiscard]] const Begun* find(Time now, const Flow& flow) const;
  [[nodiscard]] bool is_by_rule(const std::vector<std::string>& groups, const Packet& packet) const;
  // A packet of the flow passes; `ours`: this machine sends it. Begins the flow where it is new.
  void note(Time now, const Flow& flow, const Packet& packet, bool ours);
  Flows::iterator add(const Flow& flow, bool ours);
  Flows& flows(bool ours) { return ours ? ours_ : theirs_; }
  void forget(Flows::iterator one);
  void sweep(Time now, Flows& all);

  std::vector<AccessRule> rules_;
  Flows ours_;    // begun here
  Flows theirs_;  // begun by members, and let in by a rule
  std::unordered_map<Flow, Flows::iterator, Hash> index_;
};

}  // namespace marvel::vpn
