#pragma once

#include "vpn/crypto/sodium.hpp"
#include "vpn/n2n/header_cipher.hpp"
#include "vpn/n2n/stamp.hpp"
#include "vpn/n2n/user_key.hpp"
#include "vpn/node/outbox.hpp"

namespace marvel::vpn::n2n {

// REGISTER_SUPER and its two answers.
bool is_registration(Type type);

// How the datagrams of one node and community look on the wire:
//   clear        as they are
//   encrypted    the header encrypted by the community's name, with a stamp
//   of users     registrations as above, and a trailer behind them; all else with the header and
//                16 bytes more encrypted by the dynamic key, which a registration brings
// One thread at a time.
class Cover {
 public:
  static constexpr std::size_t kTrailer = 16;

  // `random` outlives this; `unix_ns_at_zero` is what the calendar says at time 0.
  Cover(const Community& community, bool encrypted, Random& random, std::uint64_t unix_ns_at_zero);

  [[nodiscard]] bool encrypted() const { return encrypted_; }
  void set_encrypted(bool encrypted) { encrypted_ = encrypted; }
  // From here on the community has users. No key: none is known yet.
  void set_users(const std::optional<Block<16>>& dynamic);
  [[nodiscard]] bool has_users() const { return users_; }

  // Bytes of a packet that are encrypted: `head` of them are not payload.
  [[nodiscard]] std::size_t packet_header(std::size_t head, std::size_t payload) const;
  // Bytes that follow a message on the wire.
  [[nodiscard]] std::size_t trailer(Type type) const;

  // The last thing before a datagram is sent; `header` bytes of it are not payload.
  void seal(Time now, MutableBytes datagram, std::size_t header);
  // The same for a whole message of this type that is trailer(type) bytes shorter than `datagram`.
  // Without a user the trailer is worth nothing, as n2n has it in refusals.
  void seal_message(Time now, Type type, MutableBytes datagram, const SharedKey* user);

  struct Opened {
    MutableBytes clear;
    std::optional<Stamp> stamp;  // of an encrypted one
    // Of a registration in a community with users: its hash while it was encrypted.
    std::optional<Block<16>> hash;
    Block<16> trailer{};
  };
  // An encrypted datagram, in place. Nothing, with the bytes as they were, for one of others, or
  // An encrypted datagram, in place. Nothing, with the bytes as they were, for one of others.
  [[nodiscard]] std::optional<Opened> open(MutableBytes datagram) const;
  // Whether messages of this type are encrypted with the key that has opened this one.
  [[nodiscard]] bool fits(Type type, const Opened& opened) const {
    return !users_ || is_registration(type) == opened.hash.has_value();
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

  Community community_;
  HeaderCipher cipher_;
  std::optional<HeaderCipher> dynamic_;
  bool encrypted_;
  bool users_ = false;
  Random& random_;
  std::uint64_t unix_ns_at_zero_;
  StampClock clock_;
};

// Encodes, seals and sends a message; `user` as in Cover::seal_message().
void send_message(Time now, Cover& cover, Outbox& outbox, const Endpoint& to,
                  const Message& message, const SharedKey* user);

}  // namespace marvel::vpn::n2n
