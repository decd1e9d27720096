#pragma once

#include "base/result.hpp"
#include "vpn/n2n/counters.hpp"
#include "vpn/n2n/cover.hpp"
#include "vpn/n2n/message.hpp"
#include "vpn/node/outbox.hpp"

#include <map>
#include <memory>

namespace marvel::vpn::n2n {

// A super node of n2n version 3, as a machine without input and output, like vpn::Supernode.
//
// It knows the communities it was given and no others. It tells by the first registration whether
// the edges of a community encrypt their headers; all of them do it alike. It gives addresses,
// says where an edge is, and passes frames on, which it cannot read without the community's key;
// nothing stops one from changing them.
//
// One thread. No call keeps what it was given.
class Supernode {
 public:
  // `unix_ns_at_zero` is what the calendar says at time 0.
  Supernode(const Mac& mac, Random& random, Outbox& outbox, std::uint64_t unix_ns_at_zero);
  Supernode(const Supernode&) = delete;
  Supernode& operator=(const Supernode&) = delete;
  ~Supernode();

  // A community of this name, of 1 to 19 bytes. Without a network one is chosen as n2n does.
  // kUsage for a name that cannot be or is there already, kUnavailable without a free network.
  Status add(const std::string& name, const std::optional<Subnet>& subnet);

  // At least every kTick.
  void tick(Time now);
  // From the underlay; its bytes are overwritten.
  void datagram(Time now, const Endpoint& from, MutableBytes bytes);

  struct EdgeView {
    std::string community;
    std::string name;
    Mac mac{};
    Ipv4 address = 0;
    Endpoint endpoint;
    std::uint64_t relayed = 0;  // datagrams that it sent on
  };
  [[nodiscard]] std::vector<EdgeView> edges() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Edge;
  struct Group;  // a community
  struct Incoming {
    Endpoint from;
    Group& group;
    std::optional<Stamp> stamp;  // of an encrypted header
  };
  void open(Time now, const Endpoint& from, Group& group, MutableBytes bytes,
            std::optional<Stamp> stamp);
  void packet(Time now, const Incoming& in, Bytes bytes);
  void pass_on(Time now, const Incoming& in, const PacketHead& head, Bytes payload,
               const Endpoint& to);
  void on(Time now, const Incoming& in, const RegisterSuper& body);
  void on(Time now, const Incoming& in, const UnregisterSuper& body);
  void on(Time now, const Incoming& in, const Register& body, std::uint8_t ttl);
  void on(Time now, const Incoming& in, const QueryPeer& body);
  // Whether the edge may have what it asks for; then it is registered.
  bool admit(Time now, const Incoming& in, const RegisterSuper& body, const Address& address);
  void answer_ping(Time now, const Incoming& in);
  [[nodiscard]] Address choose(const Group& group, const RegisterSuper& body) const;
  Edge* sender(Time now, const Incoming& in, const Mac& mac, StampFilter::Jitter jitter);
  void send(Time now, const Incoming& in, const Endpoint& to, std::uint8_t ttl, const Body& body);

  Mac mac_;
  Random& random_;
  Outbox& outbox_;
  std::uint64_t unix_ns_at_zero_;
  std::vector<std::unique_ptr<Group>> groups_;
  Time started_{};
  Time next_sweep_{};
  Time reminder_second_{};
  unsigned reminders_in_second_ = 0;
  Counters counters_;
};

}  // namespace marvel::vpn::n2n
