#pragma once

#include "vpn/node/simulator.hpp"

namespace marvel::vpn::sim {

// A community whose members show certificates.
struct Certified {
  // `lying`: the super node takes everybody, and gives each the address that it wants.
  explicit Certified(std::uint64_t seed, bool lying = false)
      : net(seed), identity(make_identity(70)) {
    machine = &net.machine(0xc6336401);
    machine->supernode = std::make_unique<Supernode>(net.random, *machine, kToday);
    Membership members = membership();
    if (lying) {
      members.authority.reset();
    }
    machine->supernode->add(options(members));
  }

  [[nodiscard]] Supernode::CommunityOptions options(const Membership& members) const {
    return {"grn", Subnet{0x0a080000, 24}, identity, members, {}};
  }

  [[nodiscard]] Membership membership() const {
    Membership one;
    one.authority = ed25519_public(authority);
    one.community = community_of(*one.authority);
    one.revoked = revoked;
    return one;
  }
  Machine& add(const std::string& name, std::uint64_t key, Certificate certificate,
               const Secret& signer, Ipv4 wanted = 0, std::vector<Subnet> announced = {}) {
    Machine& edge = net.machine(0xc0000201 + static_cast<Ipv4>(key));
    EdgeOptions options;
    options.identity = make_identity(key);
    certificate.community = community_of(ed25519_public(authority));
    certificate.key = options.identity.point;
    certificate.not_after = kToday / 1'000'000'000U + 1000;
    certificate.serial = key;
    options.peers = membership();
    options.peers.certificate = issue(certificate, signer);
    options.supernodes = towards_supernodes(options.peers);
    options.name = name;
    options.wanted = wanted;
    options.announced = std::move(announced);
    options.unix_ns_at_zero = kToday;
    options.list = {{machine->inside, identity.point}};
    edge.edge = std::make_unique<Edge>(std::move(options), net.random, edge);
    return edge;
  }
  [[nodiscard]] static Membership towards_supernodes(Membership own) {
    own.authority.reset();
    return own;
  }
  // Gives the edge of this key another certificate.
  void renew(Machine& edge, std::uint64_t key, Certificate certificate) const {
    Membership own = membership();
    certificate.community = own.community;
    certificate.key = make_identity(key).point;
    certificate.serial = key;
    own.certificate = issue(certificate, authority);
    edge.edge->set_membership(own, towards_supernodes(own));
  }
  Machine& add(const std::string& name, std::uint64_t key) {
    Certificate certificate;
    certificate.name = name;
    return add(name, key, certificate, authority);
  }

  Net net;
  Secret authority = make_identity(71).secret;
  Revocations revoked;
  KeyPairX identity;
  Machine* machine = nullptr;
};

}  // namespace marvel::vpn::sim
