#pragma once

#include "vpn/n2n/supernode.hpp"
#include "vpn/node/token_bucket.hpp"

namespace marvel::vpn::n2n {

// What a super node knows. Internal to supernode*.cpp.

struct Supernode::Edge {
  Mac mac{};
  Description description{};
  Auth auth;
  Address address;
  Endpoint endpoint;
  std::optional<Socket> preferred;
  StampFilter stamps;
  Time seen{};
  std::uint64_t relayed = 0;
  TokenBucket flood{kFloodRate, kFloodBurst};  // of what it sends to all
};

struct Supernode::Group {
  enum class Form { kUnknown, kClear, kEncrypted };
  struct Away {  // an edge that is registered with another super node
    Endpoint supernode;
    Ipv4 address = 0;  // 0: not known
    Time seen{};
  };

  Group(const Community& of, const Subnet& with, Random& random, std::uint64_t unix_ns_at_zero)
      : community(of), subnet(with), cover(of, false, random, unix_ns_at_zero) {}

  Community community;
  Subnet subnet;
  Cover cover;
  Form form = Form::kUnknown;
  bool passing = false;  // by a pattern: it goes with its last edge
  std::map<PublicKey, User> users;
  std::map<Mac, Edge> edges;
  std::map<Mac, Away> away;

  [[nodiscard]] const SharedKey* user_of(const Auth& auth) const {
    const auto found = users.find(user_in(auth));
    return found == users.end() || !names_user(auth) ? nullptr : &found->second.shared;
  }
};

struct Supernode::Peer {
  Endpoint endpoint;
  Mac mac{};           // none: not heard yet
  bool fixed = false;  // by the options
  std::uint32_t cookie = 0;
  bool answered = false;   // the last registration
  bool connected = false;  // has answered, and is not silent since
  Time since{};            // known
  Time next{};
  Time heard{};  // 0: never
  StampFilter stamps;

  [[nodiscard]] bool alive(Time now) const;
};

struct Supernode::Federation {
  Federation(const Community& with_star, Random& random, std::uint64_t unix_ns_at_zero)
      : name(with_star), cover(with_star, true, random, unix_ns_at_zero) {}

  Community name;
  Cover cover;
  std::vector<std::unique_ptr<Peer>> peers;
};

}  // namespace marvel::vpn::n2n
