#pragma once

#include "vpn/bytes.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/wire/endpoint.hpp"

#include <variant>
#include <vector>

namespace marvel::vpn::n2n {

// Datagrams of n2n, version 3: docs/formats/vpn-n2n.md has the bytes. Numbers are big endian.
// Decoders take nothing that encoders would not write, but for fields that n2n leaves unset.

inline constexpr std::uint8_t kVersion = 3;
inline constexpr std::uint8_t kTtl = 2;
inline constexpr std::size_t kCommonSize = 24;
inline constexpr std::size_t kMostDatagram = 2048;
inline constexpr std::size_t kMostToken = 48;
inline constexpr std::uint16_t kFromSupernode = 0x0020;
inline constexpr std::uint16_t kHasSocket = 0x0040;
inline constexpr Mac kNoMac{};
inline constexpr Mac kEveryone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

enum class Type : std::uint8_t {
  kRegister = 1,
  kPacket = 3,
  kRegisterAck = 4,
  kRegisterSuper = 5,
  kUnregisterSuper = 6,
  kRegisterSuperAck = 7,
  kRegisterSuperNak = 8,
  kPeerInfo = 10,
  kQueryPeer = 11,
  kReRegisterSuper = 12,
};

// A name of up to 19 bytes, then zeros.
using Community = Block<20>;
std::optional<Community> community_of(std::string_view name);
std::string name_of(const Community& community);
// What a node says of itself: 16 bytes, the last ones zero; a longer name is cut.
using Description = Block<16>;
Description description_of(std::string_view name);
std::string name_of(const Description& description);

struct Socket {
  Endpoint endpoint;
  bool tcp = false;
  bool operator==(const Socket&) const = default;
};
struct Address {
  Ipv4 ip = 0;  // 0: none, please choose one
  std::uint8_t bits = 0;
  bool operator==(const Address&) const = default;
};
// By what a super node knows an edge again.
struct Auth {
  std::uint16_t scheme = 0;
  std::vector<std::uint8_t> token;  // at most kMostToken
  bool operator==(const Auth&) const = default;
};
inline constexpr std::uint16_t kSimpleId = 1;  // a token of 16 bytes that the edge has drawn

struct Register {
  static constexpr std::uint32_t kForwarded = 0x00001000;  // cookies, by how direct the way is
  static constexpr std::uint32_t kDirect = 0x00010000;
  static constexpr std::uint32_t kLocal = 0x01000000;
  std::uint32_t cookie = 0;
  Mac source{};
  Mac destination{};
  std::optional<Socket> socket;
  Address address;
  Description description{};
  bool operator==(const Register&) const = default;
};
struct RegisterAck {
  std::uint32_t cookie = 0;
  Mac destination{};  // who had registered
  Mac source{};
  std::optional<Socket> socket;
  bool operator==(const RegisterAck&) const = default;
};
struct RegisterSuper {
  std::uint32_t cookie = 0;
  Mac edge{};  // none while it asks for an address
  std::optional<Socket> socket;
  Address address;
  Description description{};
  Auth auth;
  std::uint32_t key_time = 0;
  bool operator==(const RegisterSuper&) const = default;
};
struct UnregisterSuper {
  Auth auth;
  Mac source{};
  bool operator==(const UnregisterSuper&) const = default;
};
struct RegisterSuperAck {
  struct Other {  // another super node; the socket in a form of its own
    std::uint8_t family = 0;
    std::uint8_t kind = 0;
    std::uint16_t port = 0;
    Block<16> address{};
    Mac mac{};
    bool operator==(const Other&) const = default;
  };
  std::uint32_t cookie = 0;
  Mac source{};
  Address address;
  std::uint16_t lifetime = 15;
  Socket seen;
  Auth auth;
  std::vector<Other> others;  // at most 255
  std::uint32_t key_time = 0;
  bool operator==(const RegisterSuperAck&) const = default;
};
// Nothing for what is no place to send to.
std::optional<Endpoint> endpoint_of(const RegisterSuperAck::Other& other);
RegisterSuperAck::Other other_of(const Endpoint& endpoint, const Mac& mac);
struct RegisterSuperNak {
  std::uint32_t cookie = 0;
  Mac source{};
  Auth auth;
  bool operator==(const RegisterSuperNak&) const = default;
};
struct PeerInfo {
  std::uint16_t flags = 0;
  Mac source{};  // who had asked; of the super node in an answer to a ping
  Mac peer{};
  Socket socket;
  std::optional<Socket> preferred;
  std::uint32_t load = 0;
  std::uint32_t uptime = 0;
  Block<20> version{};  // may be anything
  bool operator==(const PeerInfo&) const = default;
};
struct QueryPeer {
  Mac source{};
  Mac target{};  // none: a ping
  std::uint16_t flags = 0;
  bool operator==(const QueryPeer&) const = default;
};
struct ReRegisterSuper {
  bool operator==(const ReRegisterSuper&) const = default;
};
using Body = std::variant<Register, RegisterAck, RegisterSuper, UnregisterSuper, RegisterSuperAck,
                          RegisterSuperNak, PeerInfo, QueryPeer, ReRegisterSuper>;

struct Message {
  std::uint8_t ttl = kTtl;
  std::uint16_t flags = 0;  // without the type; kHasSocket follows from the body where it has one
  Community community{};
  Body body;
  bool operator==(const Message&) const = default;
};
std::vector<std::uint8_t> encode(const Message& message);
Type type_of(const Body& body);
// Any whole message but a packet; nothing for other bytes.
std::optional<Message> decode(Bytes bytes);

// Whether this may be a clear datagram; else its header may be encrypted.
bool looks_clear(Bytes bytes);
// Of a clear datagram; nothing for types that there are not.
std::optional<Type> type_of(Bytes bytes);
Community community_in(Bytes clear);

// What stands before the payload of a packet that carries a frame.
struct PacketHead {
  std::uint8_t ttl = kTtl;
  std::uint16_t flags = 0;
  Community community{};
  Mac source{};
  Mac destination{};
  std::optional<Socket> socket;
  std::uint8_t compression = 1;
  std::uint8_t transform = 1;

  [[nodiscard]] std::size_t size() const;  // 38 to 58
  bool operator==(const PacketHead&) const = default;
};
inline constexpr std::size_t kDirectHead = 38;
void write_head(const PacketHead& head, MutableBytes out);
std::optional<PacketHead> read_head(Bytes bytes);

}  // namespace marvel::vpn::n2n
