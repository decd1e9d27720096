#pragma once

#include "vpn/identity/certificate.hpp"
#include "vpn/noise/handshake.hpp"
#include "vpn/wire/datagram.hpp"

#include <vector>

namespace marvel::vpn {

// Handshake messages as datagrams: the Noise message between a header and two short MACs, as
// WireGuard has them (Donenfeld, NDSS 2017, section 5.4.4). mac1 shows that the sender knows whom
// it is talking to; a stranger who scans ports gets no answer. mac2 shows a cookie.

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
std::vector<std::uint8_t> encode(const FirstPayload& payload);
std::vector<std::uint8_t> encode(const SecondPayload& payload);
std::optional<FirstPayload> decode_first(Bytes payload);
std::optional<SecondPayload> decode_second(Bytes payload);

// A message 1 that was meant for us.
struct FirstMessage {
  Handshake noise;
  std::uint32_t sender = 0;
  FirstPayload payload;
};

// The datagram around `noise`; `cookie` where one is known.
std::vector<std::uint8_t> frame_first(std::uint32_t sender, Bytes noise, const PublicKey& responder,
                                      const std::optional<Block<16>>& cookie);
std::vector<std::uint8_t> frame_second(std::uint32_t sender, std::uint32_t receiver, Bytes noise,
                                       const PublicKey& initiator);

// Whether the datagram has the size and the mac1 of a message to `me`. Costs one hash.
bool first_is_for(const PublicKey& me, Bytes datagram);
// The same for a message 2; `receiver` is the index it names.
bool second_is_for(const PublicKey& me, Bytes datagram);
std::optional<FirstMessage> read_first(const KeyPairX& me, Bytes datagram);
// The Noise message inside a datagram that passed *_is_for.
Bytes noise_of_first(Bytes datagram);
Bytes noise_of_second(Bytes datagram);
Bytes mac1_of_first(Bytes datagram);
Bytes mac2_of_first(Bytes datagram);

}  // namespace marvel::vpn
