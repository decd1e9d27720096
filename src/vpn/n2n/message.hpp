#pragma once

#include "vpn/bytes.hpp"
#include "vpn/node/node_id.hpp"
#include "vpn/wire/endpoint.hpp"

#include <variant>
#include <vector>

namespace marvel::vpn::n2n {

// Datagrams of n2n, version 3: docs/formats/vpn-n2n.md has the bytes. Numbers are big endian.
// Decoders take nothing that encoders would not write, but for fields that n2n leaves unset.
//
// A message with fields is a Message, whose body is one of nine structs; encode() and decode() turn
// it to bytes and back. A packet, which carries a frame, is no Message: only its head is read and
// written (PacketHead), in place, so that no frame is copied. All functions here work on clear
// datagrams; cover.hpp encrypts headers behind them and opens them before.
//
//   if (looks_clear(bytes)) {
//     if (type_of(bytes) == Type::kPacket) { .. read_head(bytes), payload behind head->size() .. }
//     else if (const auto message = decode(bytes)) { .. std::get_if<Register>(&message->body) .. }
//   }
//
// Functions keep nothing and may be called from any thread.

// The first byte of every clear datagram; none of the native protocol begins so.
inline constexpr std::uint8_t kVersion = 3;
// Hops that a datagram has left when its sender writes it. A super node takes one from what edges
// send, and passes on no packet and no REGISTER of theirs that has none.
inline constexpr std::uint8_t kTtl = 2;
// Bytes of the header that all messages begin with: version, hops, flags and type, community.
inline constexpr std::size_t kCommonSize = 24;
// Bytes of the longest datagram that n2n knows. Nodes send none that is longer, and take none.
inline constexpr std::size_t kMostDatagram = 2048;
// Bytes of an Auth's token, which is a user's: public key 32, challenge 16.
inline constexpr std::size_t kMostToken = 48;
// Flags beside the type. That a datagram comes from a super node is a claim: nodes believe it only
// of an endpoint that they know as one.
inline constexpr std::uint16_t kFromSupernode = 0x0020;
inline constexpr std::uint16_t kHasSocket = 0x0040;
// Zeros: nobody, or not known yet.
inline constexpr Mac kNoMac{};
inline constexpr Mac kEveryone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// The number in the low five bits of a datagram's flags. Others (2 and 9 among them) are refused.
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

// A name of up to 19 bytes, then zeros: the form in which it travels and in which it is hashed. It
// is compared as a block, so one with bytes behind its first zero is another community.
using Community = Block<20>;
// Nothing for an empty name, for one of more than 19 bytes, and for one with a zero byte in it.
std::optional<Community> community_of(std::string_view name);
// The bytes before the first zero. A name that came over the network may hold anything else.
std::string name_of(const Community& community);
// What a node says of itself: 16 bytes, the last ones zero; a longer name is cut.
using Description = Block<16>;
Description description_of(std::string_view name);
std::string name_of(const Description& description);

// Where somebody may be reached. Nodes of ours read `tcp`, and then do not use the socket: they
// speak UDP alone. A decoder refuses an IPv4 address that is written as IPv6.
struct Socket {
  Endpoint endpoint;
  bool tcp = false;
  bool operator==(const Socket&) const = default;
};
// An address of the overlay with the bits of its network's prefix, at most 32. Zeros ask a super
// node for one in RegisterSuper, and say in its answer that none was asked for or is left.
struct Address {
  Ipv4 ip = 0;  // 0: none, please choose one
  std::uint8_t bits = 0;
  bool operator==(const Address&) const = default;
};
// By what a super node knows an edge again: it compares tokens (same_owner() of user_key.hpp), and
// an edge with another one does not get the names of the first. No more is behind scheme 1: whoever
// has seen a clear registration has its token.
struct Auth {
  std::uint16_t scheme = 0;
  std::vector<std::uint8_t> token;  // at most kMostToken
  bool operator==(const Auth&) const = default;
};
inline constexpr std::uint16_t kSimpleId = 1;  // a token of 16 bytes that the edge has drawn

// "Here I am", from edge to edge: what opens a NAT, asks for a direct path and keeps it. An edge
// sends it straight to where the other one may be, and, with the cookie kForwarded, over the super
// node, which adds the socket that it came from.
struct Register {
  // The cookies, by how direct the way is. They are answered as they came, and of two paths that
  // are answered an edge prefers the one with the higher cookie.
  static constexpr std::uint32_t kForwarded = 0x00001000;
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
// The answer to a Register that came straight: the way is open in both directions. It makes a new
// path only from an endpoint that was asked, with the cookie that was sent there.
struct RegisterAck {
  std::uint32_t cookie = 0;
  Mac destination{};  // who had registered
  Mac source{};
  std::optional<Socket> socket;
  bool operator==(const RegisterAck&) const = default;
};
// An edge registers with its super node, again every few seconds; so do super nodes with each
// other. One that passes an edge's registration on to the others of its federation adds the socket
// that the edge came from.
struct RegisterSuper {
  std::uint32_t cookie = 0;
  // Ethernet address of who registers; none while an edge asks for an address, which registers
  // nobody.
  Mac edge{};
  // Of an edge: where it may be reached inside its own network, which peers behind the same NAT
  // try.
  std::optional<Socket> socket;
  Address address;
  Description description{};
  Auth auth;
  // Between super nodes: the start that the keys of users' headers follow from, in seconds since
  // 1970.
  std::uint32_t key_time = 0;
  bool operator==(const RegisterSuper&) const = default;
};
// An edge takes its leave. A super node that knows it by another Auth ignores this.
struct UnregisterSuper {
  Auth auth;
  Mac source{};
  bool operator==(const UnregisterSuper&) const = default;
};
// A super node accepts. The cookie is that of the registration, and the edge takes no other one.
struct RegisterSuperAck {
  // Another super node of the federation. Its form is that of a C struct: family as Linux counts
  // them (2 IPv4, 10 IPv6), port little endian, IPv4 in the first four bytes of the address. Read
  // it by endpoint_of() below.
  struct Other {
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
  // What n2n calls the lifetime of a registration, in seconds. Edges of ours do not read it: they
  // have a timer of their own (timing.hpp).
  std::uint16_t lifetime = 15;
  // Where the super node sees the edge: its address outside of its NAT.
  Socket seen;
  Auth auth;
  std::vector<Other> others;  // at most 255
  std::uint32_t key_time = 0;
  bool operator==(const RegisterSuperAck&) const = default;
};
// Nothing for what is no place to send to: no port, no address, another family, or a group.
std::optional<Endpoint> endpoint_of(const RegisterSuperAck::Other& other);
RegisterSuperAck::Other other_of(const Endpoint& endpoint, const Mac& mac);
// A super node refuses: somebody else has the Ethernet or IPv4 address, or the user is not known.
struct RegisterSuperNak {
  std::uint32_t cookie = 0;
  Mac source{};
  Auth auth;
  bool operator==(const RegisterSuperNak&) const = default;
};
// The answer to QueryPeer: where a peer is. Of a ping it says instead where the asker itself is
// seen, and how the super node is.
struct PeerInfo {
  std::uint16_t flags = 0;
  Mac source{};  // who had asked; of the super node in an answer to a ping
  Mac peer{};
  // Outside, as the super node sees it; `preferred` is inside the peer's own network.
  Socket socket;
  std::optional<Socket> preferred;
  // Of a super node that was pinged: registered edges of all communities, and seconds since its
  // start.
  std::uint32_t load = 0;
  std::uint32_t uptime = 0;
  Block<20> version{};  // may be anything
  bool operator==(const PeerInfo&) const = default;
};
// An edge asks its super node where another one is, which is told to registered edges alone. A ping
// is answered to whoever names a community that is served.
struct QueryPeer {
  Mac source{};
  Mac target{};  // none: a ping
  std::uint16_t flags = 0;
  bool operator==(const QueryPeer&) const = default;
};
// A super node does not know the sender of a datagram, or has a new key for its users: register
// now.
struct ReRegisterSuper {
  bool operator==(const ReRegisterSuper&) const = default;
};
using Body = std::variant<Register, RegisterAck, RegisterSuper, UnregisterSuper, RegisterSuperAck,
                          RegisterSuperNak, PeerInfo, QueryPeer, ReRegisterSuper>;

// One of them with its common header. `ttl` is what is left of the hops.
struct Message {
  std::uint8_t ttl = kTtl;
  std::uint16_t flags = 0;  // without the type; kHasSocket follows from the body where it has one
  Community community{};
  Body body;
  bool operator==(const Message&) const = default;
};
// The clear datagram. Flags that n2n does not have are left out, and other super nodes beyond the
// 255th. A token must have at most kMostToken bytes: a longer one would be written and refused by
// all.
std::vector<std::uint8_t> encode(const Message& message);
Type type_of(const Body& body);
// Any whole message but a packet; nothing for other bytes: cut short, with bytes left over, with
// sizes that lie, or longer than kMostDatagram. Takes at most a small multiple of the datagram in
// memory.
std::optional<Message> decode(Bytes bytes);

// Whether this may be a clear datagram; else its header may be encrypted. An encrypted one looks
// clear about once in 10^8: its version, its last byte of the header, its flags and its type would
// have to fit by chance.
bool looks_clear(Bytes bytes);
// Of a clear datagram of at least 4 bytes; nothing for types that there are not.
std::optional<Type> type_of(Bytes bytes);
// Of a clear datagram of at least kCommonSize bytes.
Community community_in(Bytes clear);

// What stands before the payload of a packet that carries a frame: common header, both Ethernet
// addresses and how the frame was packed and encrypted. A super node reads and rewrites it without
// the community's key; `socket` is what it adds, the place that the packet came from.
struct PacketHead {
  std::uint8_t ttl = kTtl;
  std::uint16_t flags = 0;
  Community community{};
  Mac source{};
  Mac destination{};
  std::optional<Socket> socket;
  // Numbers of unpack.hpp and transform.hpp; 1 and 1: the frame as it is. The frame is packed
  // first.
  std::uint8_t compression = 1;
  std::uint8_t transform = 1;

  // Bytes on the wire: 38, with an IPv4 socket 46, with an IPv6 one 58.
  [[nodiscard]] std::size_t size() const;
  bool operator==(const PacketHead&) const = default;
};
// Of a packet without a socket, as edges send it: 24 of the common header, 12 of addresses, 2
// numbers.
inline constexpr std::size_t kDirectHead = 38;
// To the first head.size() bytes of `out`, which has as many. kHasSocket follows from `socket`, and
// of the other flags only kFromSupernode is written.
void write_head(const PacketHead& head, MutableBytes out);
// Nothing for what is no packet or ends within its head. The payload, from size() on, is not looked
// at, and may be empty.
std::optional<PacketHead> read_head(Bytes bytes);

}  // namespace marvel::vpn::n2n
