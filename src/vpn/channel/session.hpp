#pragma once

#include "vpn/channel/replay_window.hpp"
#include "vpn/constants.hpp"
#include "vpn/crypto/data_cipher.hpp"
#include "vpn/noise/handshake.hpp"
#include "vpn/wire/datagram.hpp"

namespace marvel::vpn {

// What one handshake gave: a key in each direction, counters, and the keys of hop tags.
//
// A Channel makes sessions and says which of them seals; a node reads their facts, hop keys and
// age. A session never changes its keys, and what it has sealed is never sealed again under the
// same counter. It ends by its age or its packets, of itself: nobody has to be told. One thread at
// a time.
class Session {
 public:
  // `local` and `remote` are the receiver indices of sealed packets: we put `remote` into what we
  // send, and the other side puts `local` into its own.
  struct Facts {
    std::uint32_t local = 0;   // the index by which the other side names it
    std::uint32_t remote = 0;  // and by which we do
    Suite suite = Suite::kChaCha20Poly1305;
    bool is_initiator = false;
    Time created{};
  };

  Session(const Facts& facts, const TransportKeys& keys);

  // kReplayed: genuine, but seen before or older than the window reaches. kForged: not sealed with
  // this key, changed on the way, or a counter beyond kRejectPackets. kExpired: the session is
  // kRejectAfter old, and the packet was not looked at.
  enum class Verdict { kFresh, kReplayed, kForged, kExpired };

  // Seals the text between header and tag in place: `datagram` is header, text and room for the
  // tag. Index and counter of `header` are filled in here; each call uses up a counter. False, and
  // nothing is written, when the session is too old or has sent kRejectPackets.
  bool seal(Time now, SealedHeader header, MutableBytes datagram);
  // Opens in place; the text then stands between header and tag, which the caller has checked to be
  // there. Only a genuine packet marks its counter as seen, so forged ones keep no true one out.
  // For any verdict but kFresh the bytes are to be thrown away.
  Verdict open(Time now, MutableBytes datagram);

  // Whether it may still seal: neither too old nor too much used. What was sent before may be
  // opened as long as kRejectAfter has not passed.
  [[nodiscard]] bool usable(Time now) const;
  // Whether a new session should follow now: after kRekeyAfter or kRekeyPackets. The side that
  // answered the handshake waits 15 s longer, so that both do not begin at once.
  [[nodiscard]] bool is_old(Time now) const;
  [[nodiscard]] const Facts& facts() const { return facts_; }
  // Keys of the hop tags of relayed datagrams (write_envelope), one in each direction. They follow
  // from the data keys by a hash, so SipHash and the cipher share nothing.
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
