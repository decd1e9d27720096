#include "vpn/channel/session.hpp"

namespace marvel::vpn {
namespace {

// The side that answered lets the other begin, so that both do not.
constexpr Duration kResponderWaits = seconds(15);

const Secret& sending(const Session::Facts& facts, const TransportKeys& keys) {
  return facts.is_initiator ? keys.to_responder : keys.to_initiator;
}
const Secret& receiving(const Session::Facts& facts, const TransportKeys& keys) {
  return facts.is_initiator ? keys.to_initiator : keys.to_responder;
}

// Not the data key itself: SipHash and the cipher share nothing.
Block<16> hop_key(const Secret& key) {
  return blake2b_128({bytes_of("marvel vpn hop")}, key.bytes);
}

}  // namespace

Session::Session(const Facts& facts, const TransportKeys& keys)
    : facts_(facts),
      sealer_(facts.suite, sending(facts, keys), DataCipher::Direction::kSeal),
      opener_(facts.suite, receiving(facts, keys), DataCipher::Direction::kOpen),
      hop_send_(hop_key(sending(facts, keys))),
      hop_receive_(hop_key(receiving(facts, keys))) {}

bool Session::seal(Time now, SealedHeader header, MutableBytes datagram) {
  if (!usable(now)) {
    return false;
  }
  header.index = facts_.remote;
  header.counter = counter_++;
  write_sealed_header(header, datagram.data());
  sealer_.seal(header.counter, datagram.first(kHeaderSize),
               datagram.subspan(kHeaderSize, datagram.size() - kHeaderSize - kTagSize));
  return true;
}

Session::Verdict Session::open(Time now, MutableBytes datagram) {
  if (now - facts_.created >= kRejectAfter) {
    return Verdict::kExpired;
  }
  const auto counter = load_le<std::uint64_t>(datagram.data() + 8);
  if (counter >= kRejectPackets ||
      !opener_.open(counter, datagram.first(kHeaderSize), datagram.subspan(kHeaderSize))) {
    return Verdict::kForged;
  }
  return window_.accept(counter) ? Verdict::kFresh : Verdict::kReplayed;
}

bool Session::usable(Time now) const {
  return now - facts_.created < kRejectAfter && counter_ < kRejectPackets;
}

bool Session::is_old(Time now) const {
  const Duration wait = facts_.is_initiator ? Duration{0} : Duration{kResponderWaits};
  return now - facts_.created >= kRekeyAfter + wait || counter_ >= kRekeyPackets;
}

}  // namespace marvel::vpn
