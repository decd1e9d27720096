#pragma once

#include "vpn/channel/replay_window.hpp"
#include "vpn/constants.hpp"
#include "vpn/crypto/data_cipher.hpp"
#include "vpn/noise/handshake.hpp"
#include "vpn/wire/datagram.hpp"

namespace marvel::vpn {

// What one handshake gave: a key in each direction, counters, and the keys of hop tags.
class Session {
 public:
  struct Facts {
    std::uint32_t local = 0;   // the index by which the other side names it
    std::uint32_t remote = 0;  // and by which we do
    Suite suite = Suite::kChaCha20Poly1305;
    bool is_initiator = false;
    Time created{};
  };

  Session(const Facts& facts, const TransportKeys& keys);

  enum class Verdict { kFresh, kReplayed, kForged, kExpired };

  // Seals the text between header and tag in place. False when the session is too old.
  bool seal(Time now, SealedHeader header, MutableBytes datagram);
  // Opens in place. kFresh: genuine and not seen before.
  Verdict open(Time now, MutableBytes datagram);

  [[nodiscard]] bool usable(Time now) const;
  // Whether a new session should follow now.
  [[nodiscard]] bool is_old(Time now) const;
  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] const Block<16>& hop_send() const { return hop_send_; }
  [[nodiscard]] const Block<16>& hop_receive() const { return hop_receive_; }
  // One more than the highest counter received.
  [[nodiscard]] std::uint64_t received_next() const { return window_.next(); }

 private:
  Facts facts_;
  DataCipher sealer_;
  DataCipher opener_;
  Block<16> hop_send_{};
  Block<16> hop_receive_{};
  std::uint64_t counter_ = 0;
  ReplayWindow window_;
};

}  // namespace marvel::vpn
