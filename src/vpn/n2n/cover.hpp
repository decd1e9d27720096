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
// An edge has one, a super node one for each community and one for its federation. Outgoing, it is
// the last step before Outbox::send(); incoming, open() is the first one, and take() the second,
// when it is known who the sender is:
//
//   const auto opened = cover.open(bytes);           // nothing: of another community
//   if (!opened || !looks_clear(opened->clear)) ..
//   if (!cover.fits(*type_of(opened->clear), *opened)) ..
//   if (!cover.take(now, peer.stamps, opened->stamp, jitter)) ..
//
// Nothing here authenticates but the trailer. One thread at a time.
class Cover {
 public:
  // Bytes behind a registration and its answers in a community with users.
  static constexpr std::size_t kTrailer = 16;

  // `random` outlives this; `unix_ns_at_zero` is what the calendar says at time 0, in nanoseconds
  // since 1970: stamps are of the calendar, while nodes are driven by a clock that only goes
  // forward.
  Cover(const Community& community, bool encrypted, Random& random, std::uint64_t unix_ns_at_zero);

  // The calendar was set: what it says now at time 0.
  void set_calendar(std::uint64_t unix_ns_at_zero) { unix_ns_at_zero_ = unix_ns_at_zero; }
  [[nodiscard]] bool encrypted() const { return encrypted_; }
  // A super node answers as it was asked, and sets this for each datagram that comes in.
  void set_encrypted(bool encrypted) { encrypted_ = encrypted; }
  // From here on the community has users, and headers are encrypted. No key: none is known yet, so
  // only registrations and their answers can be opened. A further call replaces the key; what comes
  // under the one before is not opened.
  void set_users(const std::optional<Block<16>>& dynamic);
  [[nodiscard]] bool has_users() const { return users_; }

  // Bytes of a packet that are encrypted: `head` of them are not payload. With users up to 16 bytes
  // of payload are among them, which are the IV of the frame's cipher. For seal() below.
  [[nodiscard]] std::size_t packet_header(std::size_t head, std::size_t payload) const;
  // Bytes that follow a message on the wire: kTrailer or 0. The room for it is reserved with the
  // message.
  [[nodiscard]] std::size_t trailer(Type type) const;

  // The last thing before a datagram is sent; `header` bytes of it are not payload. In place; clear
  // datagrams stay as they are. The check sum in the header covers the payload, too, so nothing of
  // it may change behind this.
  void seal(Time now, MutableBytes datagram, std::size_t header);
  // The same for a whole message of this type that is trailer(type) bytes shorter than `datagram`.
  // `user` makes the trailer and lives until the call returns. Without one the trailer is worth
  // nothing (random bytes), as n2n has it in refusals.
  void seal_message(Time now, Type type, MutableBytes datagram, const SharedKey* user);

  // What open() gives. `clear` lies in the datagram that was opened, without its trailer, and lives
  // as long as that does.
  struct Opened {
    MutableBytes clear;
    std::optional<Stamp> stamp;  // of an encrypted one
    // Of a registration in a community with users: its hash while it was encrypted. Whoever has the
    // sender's key compares SharedKey::trailer(hash) with `trailer`; nothing was checked here.
    std::optional<Block<16>> hash;
    Block<16> trailer{};
  };
  // An encrypted datagram, in place. Nothing, with the bytes as they were, for one of others. With
  // users both keys are tried, the dynamic one first. Costs 256 bytes of key stream for each key
  // that is tried, and a hash of the whole datagram for one of ours, with users for any.
  [[nodiscard]] std::optional<Opened> open(MutableBytes datagram) const;
  // Whether messages of this type are encrypted with the key that has opened this one: else who
  // knows the community's name alone could send packets to its users.
  [[nodiscard]] bool fits(Type type, const Opened& opened) const {
    return !users_ || is_registration(type) == opened.hash.has_value();
  }
  // Whether a datagram of this stamp is fresh; one without a stamp always is. `sender` is the
  // caller's, one for each node that it hears.
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

// Encodes, seals and sends a message; `user` as in Cover::seal_message(). The only way in which
// edges and super nodes send messages; packets go through Cover::seal() alone.
void send_message(Time now, Cover& cover, Outbox& outbox, const Endpoint& to,
                  const Message& message, const SharedKey* user);

}  // namespace marvel::vpn::n2n
