#pragma once

#include "vpn/channel/handshake_message.hpp"
#include "vpn/constants.hpp"
#include "vpn/wire/endpoint.hpp"

namespace marvel::vpn {

// Protection of a responder against floods of handshakes (WireGuard, section 5.3). While more than
// `rate` come in a second, only those are worked on whose sender proves that it receives what is
// sent to its address; the others get a cookie, which is shorter than what they sent.
class CookieJar {
 public:
  CookieJar(Random& random, std::uint64_t rate) : random_(random), rate_(rate) {}

  // Counts a handshake. Whether it may be worked on.
  bool admit(Time now, const Endpoint& from, Bytes first);
  // The reply to one that may not.
  std::vector<std::uint8_t> reply(Time now, const Endpoint& from, Bytes first, const PublicKey& me);

 private:
  Block<16> cookie_of(Time now, const Endpoint& from);

  Random& random_;
  std::uint64_t rate_;
  Time second_begin_{};
  std::uint64_t in_second_ = 0;
  Secret secret_;
  bool has_secret_ = false;
  Time secret_since_{};
};

// The cookie in a reply to our message with this mac1; nothing when it is not genuine.
std::optional<Block<16>> open_cookie(Bytes reply, const PublicKey& responder, Bytes mac1);

}  // namespace marvel::vpn
