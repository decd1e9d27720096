#pragma once

#include "vpn/identity/certificate.hpp"
#include "vpn/noise/handshake.hpp"
#include "vpn/wire/datagram.hpp"

#include <vector>

namespace marvel::vpn {

// Handshake messages as datagrams: the Noise message between a header and two short MACs, as
// WireGuard has them (Donenfeld, NDSS 2017, section 5.4.4). mac1 shows that the sender knows whom
// it is talking to; a stranger who scans ports gets no answer. mac2 shows a cookie.
//
// Who receives one checks it in the order of what a check costs, so that noise is cheap:
//
//   first_is_for(me, datagram)      size and mac1: one hash
//   CookieJar::admit                the rate, and beyond it mac2: two hashes
//   read_first(me, datagram)        Noise: two multiplications on the curve
//   Channel::respond                membership, timestamp, and message 2
//
// Everything here is a pure function of its arguments and may be called from any thread.

// Names the version of the protocol inside the handshake: nodes of another one share no keys.
inline constexpr std::string_view kPrologue = "marvel vpn 1";

// What the initiator says inside message 1.
struct FirstPayload {
  std::uint64_t timestamp = 0;  // nanoseconds since 1970; each must be later than the one before
  CommunityId community{};
  std::uint8_t suites = 0;  // see supported_suites
  std::vector<std::uint8_t> certificate;
};
// What the responder says inside message 2.
struct SecondPayload {
  std::uint8_t suite = 0;  // the one chosen
  std::vector<std::uint8_t> certificate;
};
// The text of a payload, and back. Nothing for bytes that are cut short, have something behind
// them, hold a certificate longer than kMaxCertificate, or choose a suite that is not known. The
// certificate is only bytes here; Membership::admit judges it.
std::vector<std::uint8_t> encode(const FirstPayload& payload);
std::vector<std::uint8_t> encode(const SecondPayload& payload);
std::optional<FirstPayload> decode_first(Bytes payload);
std::optional<SecondPayload> decode_second(Bytes payload);

// A message 1 that was meant for us. `noise` is in the state between both messages: write_second is
// the next step. `sender` is the index that message 2 must name.
struct FirstMessage {
  Handshake noise;
  std::uint32_t sender = 0;
  FirstPayload payload;
};

// The datagram around `noise`; `cookie` where one is known, else mac2 is zeros.
std::vector<std::uint8_t> frame_first(std::uint32_t sender, Bytes noise, const PublicKey& responder,
                                      const std::optional<Block<16>>& cookie);
std::vector<std::uint8_t> frame_second(std::uint32_t sender, std::uint32_t receiver, Bytes noise,
                                       const PublicKey& initiator);

// Whether the datagram has the size and the mac1 of a message to `me`. Costs one hash. Everything
// below asks for a datagram that passed this.
bool first_is_for(const PublicKey& me, Bytes datagram);
// The same for a message 2. The index that it names, at byte 8, is for the caller to look up.
bool second_is_for(const PublicKey& me, Bytes datagram);
// Nothing when the Noise message does not open with our key, or its payload is none.
std::optional<FirstMessage> read_first(const KeyPairX& me, Bytes datagram);
// Parts of a datagram that passed *_is_for, as views of it.
Bytes noise_of_first(Bytes datagram);
Bytes noise_of_second(Bytes datagram);
Bytes mac1_of_first(Bytes datagram);
Bytes mac2_of_first(Bytes datagram);

}  // namespace marvel::vpn
