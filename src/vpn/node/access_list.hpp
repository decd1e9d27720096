#pragma once

#include "base/result.hpp"
#include "vpn/constants.hpp"
#include "vpn/node/node_id.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace marvel::vpn {

// What other members may begin to say to this machine, by the groups in their certificates. Without
// rules everything passes. With rules a packet passes when one of them allows it, when it belongs
// to what this machine began itself, or when it is an error report of ICMP about that.
//
//   camera           members of the group camera: everything
//   camera:tcp/8554  only TCP to this port
//   *:icmp           everybody: ICMP and ICMPv6
struct AccessRule {
  std::string group;          // "*": every member
  std::uint8_t protocol = 0;  // of IP; 0: any
  std::uint16_t port = 0;     // 0: any
};
// kUsage for another form.
Result<AccessRule> parse_access_rule(const std::string& text);

// One thread.
class AccessList {
 public:
  void set_rules(std::vector<AccessRule> rules) { rules_ = std::move(rules); }
  [[nodiscard]] bool is_open() const { return rules_.empty(); }

  // An IP frame that this machine sends to `peer`: its answers may come in.
  void sent(Time now, const NodeId& peer, Bytes frame);
  // Whether a member of these groups may send this IP frame to this machine.
  bool allows(Time now, const NodeId& peer, const std::vector<std::string>& groups, Bytes frame);
  // Forgets what was begun long ago; at least once a minute.
  void sweep(Time now);

 private:
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
  static Packet parse(Bytes frame);

  std::vector<AccessRule> rules_;
  std::unordered_map<Flow, Time, Hash> begun_;
};

}  // namespace marvel::vpn
