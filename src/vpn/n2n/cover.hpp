#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/n2n/header_cipher.hpp"
#include "vpn/n2n/stamp.hpp"

namespace marvel::vpn::n2n {

// How the datagrams of one node and community look on the wire: as they are, or with an encrypted
// header and a stamp. One thread at a time.
class Cover {
 public:
  // `random` outlives this; `unix_ns_at_zero` is what the calendar says at time 0.
  Cover(const Community& community, bool encrypted, Random& random, std::uint64_t unix_ns_at_zero)
      : cipher_(community),
        encrypted_(encrypted),
        random_(random),
        unix_ns_at_zero_(unix_ns_at_zero) {}

  [[nodiscard]] bool encrypted() const { return encrypted_; }
  void set_encrypted(bool encrypted) { encrypted_ = encrypted; }

  // The last thing before a datagram is sent; `header` bytes of it are not payload.
  void seal(Time now, MutableBytes datagram, std::size_t header) {
    if (encrypted_) {
      cipher_.seal(datagram, header, clock_.draw(unix_ns(now)), random_u32(random_));
    }
  }
  // The first thing after an encrypted one was received.
  [[nodiscard]] std::optional<Stamp> open(MutableBytes datagram) const {
    return cipher_.open(datagram);
  }
  // Whether a datagram of this stamp is fresh; one without a stamp always is.
  bool take(Time now, StampFilter& sender, std::optional<Stamp> stamp,
            StampFilter::Jitter jitter) const {
    return !stamp || sender.take(*stamp, unix_ns(now), jitter);
  }

 private:
  [[nodiscard]] std::uint64_t unix_ns(Time now) const {
    return unix_ns_at_zero_ + static_cast<std::uint64_t>(now.count());
  }

  HeaderCipher cipher_;
  bool encrypted_;
  Random& random_;
  std::uint64_t unix_ns_at_zero_;
  StampClock clock_;
};

}  // namespace marvel::vpn::n2n
