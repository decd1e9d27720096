#pragma once

#include "vpn/n2n/message.hpp"
#include "vpn/wire/reader.hpp"

namespace marvel::vpn::n2n {

// The fields that n2n's messages are made of, big endian: written, and read from bytes that nobody
// vouches for. Internal to message.cpp.
//
// Each compound field (socket, address, auth) has one function in Out and one of the same name in
// In, so the two sides stand side by side and a change of one is seen beside the other. What the
// fields mean is said at the structs of message.hpp.

// The kind of a socket, its first two bytes; bits beside these two are refused.
inline constexpr std::uint16_t kSocketIpv6 = 0x8000;  // else IPv4
inline constexpr std::uint16_t kSocketTcp = 0x4000;   // else UDP

// Collects a datagram. It checks nothing: what the structs hold is written, and whether it fits in
// a datagram is the caller's business.
class Out {
 public:
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value >> 8U));
    u8(static_cast<std::uint8_t>(value));
  }
  void u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16U));
    u16(static_cast<std::uint16_t>(value));
  }
  void bytes(Bytes field) { out_.insert(out_.end(), field.begin(), field.end()); }
  // Kind u16, port u16, then 4 or 16 bytes; an IPv4 address is the end of the endpoint's 16.
  void socket(const Socket& socket) {
    const bool v4 = socket.endpoint.is_ipv4();
    u16(static_cast<std::uint16_t>((v4 ? 0 : kSocketIpv6) | (socket.tcp ? kSocketTcp : 0)));
    u16(socket.endpoint.port);
    bytes(Bytes(socket.endpoint.address).subspan(v4 ? 12 : 0));
  }
  // Nothing at all where there is none; kHasSocket in the common header tells the reader.
  void socket(const std::optional<Socket>& socket) {
    if (socket) {
      this->socket(*socket);
    }
  }
  void address(const Address& address) {
    u32(address.ip);
    u8(address.bits);
  }
  // Scheme u16, size u16, token.
  void auth(const Auth& auth) {
    u16(auth.scheme);
    u16(static_cast<std::uint16_t>(auth.token.size()));
    bytes(auth.token);
  }
  // The 24 bytes that all messages begin with. `flags` has no bits of the type.
  void common(std::uint8_t ttl, Type type, std::uint16_t flags, const Community& community) {
    u8(kVersion);
    u8(ttl);
    u16(static_cast<std::uint16_t>(static_cast<std::uint16_t>(type) | flags));
    bytes(community);
  }
  // Leaves this empty; written() lends the bytes instead, until the next call that writes.
  std::vector<std::uint8_t> take() { return std::move(out_); }
  [[nodiscard]] Bytes written() const { return out_; }

 private:
  std::vector<std::uint8_t> out_;
};

// Like Reader: after a field that is not there or cannot be, ok() and done() are false. What was
// read then means nothing, so a decoder reads all its fields and asks done() once, which also
// refuses bytes that are left over. The bytes must live as long as this.
class In {
 public:
  explicit In(Bytes bytes) : reader_(bytes) {}

  std::uint8_t u8() { return reader_.number<std::uint8_t>(); }
  std::uint16_t u16() {
    const auto high = u8();
    return static_cast<std::uint16_t>(high << 8U | u8());
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16U | u16();
  }
  template <std::size_t N>
  Block<N> block() {
    return reader_.block<N>();
  }
  Mac mac() { return block<6>(); }
  // Refuses unknown bits of the kind, and an IPv4 address in the form of IPv6: each endpoint has
  // one form, so what was read and is written again gives the same bytes.
  Socket socket() {
    const std::uint16_t kind = u16();
    Socket socket;
    socket.tcp = (kind & kSocketTcp) != 0;
    if ((kind & ~(kSocketIpv6 | kSocketTcp)) != 0) {
      reader_.refuse();
    }
    const std::uint16_t port = u16();
    if ((kind & kSocketIpv6) == 0) {
      socket.endpoint = Endpoint::from_ipv4(u32(), port);
      return socket;
    }
    socket.endpoint = {block<16>(), port};
    if (socket.endpoint.is_ipv4()) {
      reader_.refuse();
    }
    return socket;
  }
  // `there`: as kHasSocket of the common header says.
  std::optional<Socket> socket_if(bool there) {
    return there ? std::optional(socket()) : std::nullopt;
  }
  // Refuses a prefix of more than 32 bits.
  Address address() {
    Address address;
    address.ip = u32();
    address.bits = u8();
    if (address.bits > 32) {
      reader_.refuse();
    }
    return address;
  }
  // Refuses a token of more than kMostToken bytes before it takes memory for it.
  Auth auth() {
    Auth auth;
    auth.scheme = u16();
    const std::size_t size = u16();
    if (size > kMostToken) {
      reader_.refuse();
      return auth;
    }
    const Bytes token = reader_.take(size);
    auth.token.assign(token.begin(), token.end());
    return auth;
  }
  [[nodiscard]] bool ok() const { return reader_.ok(); }
  [[nodiscard]] bool done() const { return reader_.done(); }

 private:
  Reader reader_;
};

}  // namespace marvel::vpn::n2n
