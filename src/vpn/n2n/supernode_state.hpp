#pragma once

#include "vpn/n2n/supernode.hpp"
#include "vpn/node/token_bucket.hpp"

namespace marvel::vpn::n2n {

// What a super node knows. Internal to supernode*.cpp.
//
//   Supernode -> Group     a community, served or allowed by a pattern
//                  -> Edge    registered here, by Ethernet address
//                  -> Away    registered with another super node
//             -> Federation -> Peer   another super node
//
// An Ethernet address is never both in `edges` and in `away` of its community: who registers here
// leaves `away`, and who registers elsewhere leaves `edges`. No two of `edges` have one IPv4
// address, but for 0.

// An edge that is registered here. Its key in the map is its Ethernet address.
struct Supernode::Edge {
  Mac mac{};
  Description description{};
  // By what it is known again: registrations with another one do not get its addresses before
  // kTakeOver.
  Auth auth;
  Address address;
  // Where it is seen; packets from elsewhere are not taken as its own. `preferred` is inside its
  // own network, and is told to those who ask for it.
  Endpoint endpoint;
  std::optional<Socket> preferred;
  // Of its datagrams with encrypted headers.
  StampFilter stamps;
  // The last datagram that came from it. After kTakeOver others may take its addresses, after
  // kEdgeSilence it is forgotten.
  Time seen{};
  std::uint64_t relayed = 0;
  // Of the frames that it sends to all: broadcast and multicast.
  TokenBucket flood{kFloodRate, kFloodBurst};
};

// A community: one that is served, or one that a pattern allows (`passing`), which goes when it has
// no edge left, here or elsewhere.
struct Supernode::Group {
  // Whether the edges encrypt headers. Set by the first registration that is accepted, unknown
  // again when the last edge has gone; with users always encrypted. Datagrams of the other form are
  // dropped.
  enum class Form { kUnknown, kClear, kEncrypted };
  // An edge that is registered with another super node, where datagrams for it go. Forgotten after
  // kAwaySilence without a word of it.
  struct Away {
    Endpoint supernode;
    Ipv4 address = 0;  // 0: not known
    Time seen{};
  };

  Group(const Community& of, const Subnet& with, Random& random, std::uint64_t unix_ns_at_zero)
      : community(of), subnet(with), cover(of, false, random, unix_ns_at_zero) {}

  // The name, and the network that addresses are given from. Addresses that edges bring along may
  // lie outside of it.
  Community community;
  Subnet subnet;
  // Seals and opens for this community alone.
  Cover cover;
  Form form = Form::kUnknown;
  bool passing = false;  // by a pattern: it goes with its last edge
  // Empty: everybody who knows the name may register.
  std::map<PublicKey, User> users;
  std::map<Mac, Edge> edges;
  std::map<Mac, Away> away;

  // The key in common with the user that the registration names; nullptr when it names none, or one
  // who is not of this community. Lent until `users` change.
  [[nodiscard]] const SharedKey* user_of(const Auth& auth) const {
    const auto found = users.find(user_in(auth));
    return found == users.end() || !names_user(auth) ? nullptr : &found->second.shared;
  }
};

// Another super node of the federation: by the options, named by others, or come by itself.
struct Supernode::Peer {
  Endpoint endpoint;
  // By which it is known under another endpoint; none: not heard yet.
  Mac mac{};
  // By the options: it is never forgotten, and asked more often while it does not answer.
  bool fixed = false;
  // Of the last registration with it, which `answered` and `connected` tell of.
  std::uint32_t cookie = 0;
  bool answered = false;   // the last registration
  bool connected = false;  // has answered, and is not silent since
  // When it became known, when it is registered with next, and when it last registered or answered.
  Time since{};
  Time next{};
  Time heard{};  // 0: never
  StampFilter stamps;

  // Heard within kFederateSilence: only what such ones say of edges is believed.
  [[nodiscard]] bool alive(Time now) const;
};

// The community of super nodes. Its headers are encrypted by its name, and nothing else keeps
// others out: who knows the name is one of them.
struct Supernode::Federation {
  Federation(const Community& with_star, Random& random, std::uint64_t unix_ns_at_zero)
      : name(with_star), cover(with_star, true, random, unix_ns_at_zero) {}

  Community name;
  Cover cover;
  std::vector<std::unique_ptr<Peer>> peers;
};

}  // namespace marvel::vpn::n2n
