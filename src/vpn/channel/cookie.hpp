#pragma once

#include "vpn/channel/handshake_message.hpp"
#include "vpn/constants.hpp"
#include "vpn/wire/endpoint.hpp"

namespace marvel::vpn {

// Protection of a responder against floods of handshakes (WireGuard, section 5.3). While more than
// `rate` come in a second, only those are worked on whose sender proves that it receives what is
// sent to its address; the others get a cookie, which is shorter than what they sent.
//
//   if (!jar.admit(now, from, first)) {
//     return send(jar.reply(now, from, first, me));
//   }
//
// Nothing is kept of those who ask: a cookie is a keyed hash of the sender's address and port under
// a secret of ours that changes each 120 s. So a flood from addresses that are made up costs a few
// hashes a message and no memory. One thread at a time; `random` outlives the jar.
class CookieJar {
 public:
  // `rate` is in handshakes per second, of all senders together. 0: everybody needs a cookie.
  CookieJar(Random& random, std::uint64_t rate) : random_(random), rate_(rate) {}

  // Counts a handshake. Whether it may be worked on. `first` has passed first_is_for.
  bool admit(Time now, const Endpoint& from, Bytes first);
  // The reply to one that may not: kCookieSize bytes, sealed under a key that follows from `me` and
  // bound to the mac1 of `first`. So a forged reply spoils nothing.
  std::vector<std::uint8_t> reply(Time now, const Endpoint& from, Bytes first, const PublicKey& me);

 private:
  Block<16> cookie_of(Time now, const Endpoint& from);

  Random& random_;
  std::uint64_t rate_;
  // The second that is counted, and how many handshakes came in it.
  Time second_begin_{};
  std::uint64_t in_second_ = 0;
  Secret secret_;
  bool has_secret_ = false;
  Time secret_since_{};
};

// The cookie in a reply to our message with this mac1; nothing when it is not genuine. Who is under
// load may be asked again at once with it: it goes into frame_first.
std::optional<Block<16>> open_cookie(Bytes reply, const PublicKey& responder, Bytes mac1);

}  // namespace marvel::vpn
