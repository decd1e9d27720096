#include "vpn/channel/handshake_message.hpp"

#include "vpn/wire/reader.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

Block<32> mac1_key(const PublicKey& receiver) {
  return blake2b_256({bytes_of("marvel vpn mac1"), receiver});
}

void append(std::vector<std::uint8_t>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::vector<std::uint8_t> header(DatagramType type, std::initializer_list<std::uint32_t> indices) {
  Writer out;
  out.number(static_cast<std::uint32_t>(type));
  for (const std::uint32_t index : indices) {
    out.number(index);
  }
  return out.take();
}

bool has_mac1(const PublicKey& me, Bytes datagram, std::size_t at) {
  const auto mac = blake2b_128({datagram.first(at)}, mac1_key(me));
  return equal_secret(mac, datagram.subspan(at, kMacSize));
}

bool starts_as(DatagramType type, Bytes datagram) {
  return load_le<std::uint32_t>(datagram.data()) == static_cast<std::uint32_t>(type);
}

std::vector<std::uint8_t> read_certificate_field(Reader& in) {
  const Bytes field = in.take(in.number<std::uint16_t>());
  if (field.size() > kMaxCertificate) {
    in.refuse();
  }
  return {field.begin(), field.end()};
}

void write_certificate_field(Writer& out, Bytes certificate) {
  out.number(static_cast<std::uint16_t>(certificate.size()));
  out.bytes(certificate);
}

}  // namespace

std::vector<std::uint8_t> encode(const FirstPayload& payload) {
  Writer out;
  out.number(payload.timestamp);
  out.bytes(payload.community);
  out.number(payload.suites);
  write_certificate_field(out, payload.certificate);
  return out.take();
}

std::vector<std::uint8_t> encode(const SecondPayload& payload) {
  Writer out;
  out.number(payload.suite);
  write_certificate_field(out, payload.certificate);
  return out.take();
}

std::optional<FirstPayload> decode_first(Bytes payload) {
  Reader in(payload);
  FirstPayload content;
  content.timestamp = in.number<std::uint64_t>();
  content.community = in.block<16>();
  content.suites = in.number<std::uint8_t>();
  content.certificate = read_certificate_field(in);
  return in.done() ? std::optional(content) : std::nullopt;
}

std::optional<SecondPayload> decode_second(Bytes payload) {
  Reader in(payload);
  SecondPayload content;
  content.suite = in.number<std::uint8_t>();
  content.certificate = read_certificate_field(in);
  const bool known = content.suite == 1 || content.suite == 2;
  return in.done() && known ? std::optional(content) : std::nullopt;
}

std::vector<std::uint8_t> frame_first(std::uint32_t sender, Bytes noise, const PublicKey& responder,
                                      const std::optional<Block<16>>& cookie) {
  auto out = header(DatagramType::kFirst, {sender});
  append(out, noise);
  append(out, blake2b_128({out}, mac1_key(responder)));
  append(out, cookie ? blake2b_128({out}, *cookie) : Block<16>{});
  return out;
}

std::vector<std::uint8_t> frame_second(std::uint32_t sender, std::uint32_t receiver, Bytes noise,
                                       const PublicKey& initiator) {
  auto out = header(DatagramType::kSecond, {sender, receiver});
  append(out, noise);
  append(out, blake2b_128({out}, mac1_key(initiator)));
  return out;
}

bool first_is_for(const PublicKey& me, Bytes datagram) {
  return datagram.size() >= kFirstHeader + kFirstOverhead + 2 * kMacSize &&
         datagram.size() <= kMaxHandshake && starts_as(DatagramType::kFirst, datagram) &&
         has_mac1(me, datagram, datagram.size() - 2 * kMacSize);
}

bool second_is_for(const PublicKey& me, Bytes datagram) {
  return datagram.size() >= kSecondHeader + kSecondOverhead + kMacSize &&
         datagram.size() <= kMaxHandshake && starts_as(DatagramType::kSecond, datagram) &&
         has_mac1(me, datagram, datagram.size() - kMacSize);
}

std::optional<FirstMessage> read_first(const KeyPairX& me, Bytes datagram) {
  FirstMessage message{Handshake::responder(bytes_of(kPrologue), me),
                       load_le<std::uint32_t>(datagram.data() + 4),
                       {}};
  const auto text = message.noise.read_first(noise_of_first(datagram));
  auto payload = text ? decode_first(*text) : std::nullopt;
  if (!payload) {
    return std::nullopt;
  }
  message.payload = std::move(*payload);
  return message;
}

Bytes noise_of_first(Bytes datagram) {
  return datagram.subspan(kFirstHeader, datagram.size() - kFirstHeader - 2 * kMacSize);
}

Bytes noise_of_second(Bytes datagram) {
  return datagram.subspan(kSecondHeader, datagram.size() - kSecondHeader - kMacSize);
}

Bytes mac1_of_first(Bytes datagram) {
  return datagram.subspan(datagram.size() - 2 * kMacSize, kMacSize);
}

Bytes mac2_of_first(Bytes datagram) {
  return datagram.last(kMacSize);
}

}  // namespace marvel::vpn
