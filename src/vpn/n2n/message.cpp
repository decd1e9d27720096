#include "vpn/n2n/message.hpp"

#include "vpn/n2n/fields.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::uint16_t kTypeBits = 0x001f;
constexpr std::uint16_t kKnownFlags = kFromSupernode | kHasSocket;
constexpr std::size_t kMostOthers = 255;
constexpr std::uint8_t kFamilyIpv4 = 2;  // as Linux counts them
constexpr std::uint8_t kFamilyIpv6 = 10;

// --- one pair for each body: put() and get() ---

void put(Out& out, const Register& body) {
  out.u32(body.cookie);
  out.bytes(body.source);
  out.bytes(body.destination);
  out.socket(body.socket);
  out.address(body.address);
  out.bytes(body.description);
}
Register get_register(In& in, bool has_socket) {
  Register body;
  body.cookie = in.u32();
  body.source = in.mac();
  body.destination = in.mac();
  body.socket = in.socket_if(has_socket);
  body.address = in.address();
  body.description = in.block<16>();
  return body;
}

void put(Out& out, const RegisterAck& body) {
  out.u32(body.cookie);
  out.bytes(body.destination);
  out.bytes(body.source);
  out.socket(body.socket);
}
RegisterAck get_register_ack(In& in, bool has_socket) {
  RegisterAck body;
  body.cookie = in.u32();
  body.destination = in.mac();
  body.source = in.mac();
  body.socket = in.socket_if(has_socket);
  return body;
}

void put(Out& out, const RegisterSuper& body) {
  out.u32(body.cookie);
  out.bytes(body.edge);
  out.socket(body.socket);
  out.address(body.address);
  out.bytes(body.description);
  out.auth(body.auth);
  out.u32(body.key_time);
}
RegisterSuper get_register_super(In& in, bool has_socket) {
  RegisterSuper body;
  body.cookie = in.u32();
  body.edge = in.mac();
  body.socket = in.socket_if(has_socket);
  body.address = in.address();
  body.description = in.block<16>();
  body.auth = in.auth();
  body.key_time = in.u32();
  return body;
}

void put(Out& out, const UnregisterSuper& body) {
  out.auth(body.auth);
  out.bytes(body.source);
}
UnregisterSuper get_unregister_super(In& in) {
  UnregisterSuper body;
  body.auth = in.auth();
  body.source = in.mac();
  return body;
}

void put(Out& out, const RegisterSuperAck& body) {
  out.u32(body.cookie);
  out.bytes(body.source);
  out.address(body.address);
  out.u16(body.lifetime);
  out.socket(body.seen);
  out.auth(body.auth);
  const std::size_t count = std::min(body.others.size(), kMostOthers);
  out.u8(static_cast<std::uint8_t>(count));
  for (std::size_t at = 0; at < count; ++at) {
    const auto& other = body.others[at];
    out.u8(other.family);
    out.u8(other.kind);
    out.u8(static_cast<std::uint8_t>(other.port));  // little endian, here alone
    out.u8(static_cast<std::uint8_t>(other.port >> 8U));
    out.bytes(other.address);
    out.bytes(other.mac);
  }
  out.u32(body.key_time);
}
RegisterSuperAck get_register_super_ack(In& in) {
  RegisterSuperAck body;
  body.cookie = in.u32();
  body.source = in.mac();
  body.address = in.address();
  body.lifetime = in.u16();
  body.seen = in.socket();
  body.auth = in.auth();
  const std::size_t count = in.u8();
  for (std::size_t at = 0; at < count && in.ok(); ++at) {
    RegisterSuperAck::Other other;
    other.family = in.u8();
    other.kind = in.u8();
    const auto low = in.u8();
    other.port = static_cast<std::uint16_t>(in.u8() << 8U | low);
    other.address = in.block<16>();
    other.mac = in.mac();
    body.others.push_back(other);
  }
  body.key_time = in.u32();
  return body;
}

void put(Out& out, const RegisterSuperNak& body) {
  out.u32(body.cookie);
  out.bytes(body.source);
  out.auth(body.auth);
}
RegisterSuperNak get_register_super_nak(In& in) {
  RegisterSuperNak body;
  body.cookie = in.u32();
  body.source = in.mac();
  body.auth = in.auth();
  return body;
}

void put(Out& out, const PeerInfo& body) {
  out.u16(body.flags);
  out.bytes(body.source);
  out.bytes(body.peer);
  out.socket(body.socket);
  out.socket(body.preferred);
  out.u32(body.load);
  out.u32(body.uptime);
  out.bytes(body.version);
}
PeerInfo get_peer_info(In& in, bool has_socket) {
  PeerInfo body;
  body.flags = in.u16();
  body.source = in.mac();
  body.peer = in.mac();
  body.socket = in.socket();
  body.preferred = in.socket_if(has_socket);
  body.load = in.u32();
  body.uptime = in.u32();
  body.version = in.block<20>();
  return body;
}

void put(Out& out, const QueryPeer& body) {
  out.bytes(body.source);
  out.bytes(body.target);
  out.u16(body.flags);
}
QueryPeer get_query_peer(In& in) {
  QueryPeer body;
  body.source = in.mac();
  body.target = in.mac();
  body.flags = in.u16();
  return body;
}

void put(Out& /*out*/, const ReRegisterSuper& /*body*/) {}

Body get(In& in, Type type, bool has_socket) {
  switch (type) {
    case Type::kRegister:
      return get_register(in, has_socket);
    case Type::kRegisterAck:
      return get_register_ack(in, has_socket);
    case Type::kRegisterSuper:
      return get_register_super(in, has_socket);
    case Type::kUnregisterSuper:
      return get_unregister_super(in);
    case Type::kRegisterSuperAck:
      return get_register_super_ack(in);
    case Type::kRegisterSuperNak:
      return get_register_super_nak(in);
    case Type::kPeerInfo:
      return get_peer_info(in, has_socket);
    case Type::kQueryPeer:
      return get_query_peer(in);
    case Type::kPacket:
    case Type::kReRegisterSuper:
      break;
  }
  return ReRegisterSuper{};
}

constexpr std::array kTypes{
    Type::kRegister,        Type::kRegisterAck,      Type::kRegisterSuper,
    Type::kUnregisterSuper, Type::kRegisterSuperAck, Type::kRegisterSuperNak,
    Type::kPeerInfo,        Type::kQueryPeer,        Type::kReRegisterSuper};
static_assert(kTypes.size() == std::variant_size_v<Body>, "in the order of the variant");

// Whether the body says by itself if a socket follows.
std::optional<bool> wants_socket(const Body& body) {
  if (const auto* const one = std::get_if<Register>(&body)) {
    return one->socket.has_value();
  }
  if (const auto* const one = std::get_if<RegisterAck>(&body)) {
    return one->socket.has_value();
  }
  if (const auto* const one = std::get_if<RegisterSuper>(&body)) {
    return one->socket.has_value();
  }
  if (const auto* const one = std::get_if<PeerInfo>(&body)) {
    return one->preferred.has_value();
  }
  return std::nullopt;
}

std::string text_before_zero(Bytes field) {
  return text_of(field.first(static_cast<std::size_t>(
      std::find(field.begin(), field.end(), std::uint8_t{0}) - field.begin())));
}

}  // namespace

std::optional<Community> community_of(std::string_view name) {
  Community community{};
  if (name.empty() || name.size() >= community.size() || name.find('\0') != name.npos) {
    return std::nullopt;
  }
  std::copy(name.begin(), name.end(), community.begin());
  return community;
}

std::string name_of(const Community& community) {
  return text_before_zero(community);
}

std::string name_of(const Description& description) {
  return text_before_zero(description);
}

Description description_of(std::string_view name) {
  Description description{};
  std::copy_n(name.begin(), std::min(name.size(), description.size() - 1), description.begin());
  return description;
}

Type type_of(const Body& body) {
  return kTypes.at(body.index());
}

std::optional<Endpoint> endpoint_of(const RegisterSuperAck::Other& other) {
  constexpr std::uint8_t kFirstGroup = 224;  // IPv4 multicast and what is reserved behind it
  const bool v4 = other.family == kFamilyIpv4;
  const bool nowhere = other.port == 0 || other.address == Block<16>{};
  if (nowhere || (!v4 && other.family != kFamilyIpv6) ||
      other.address[0] >= (v4 ? kFirstGroup : std::uint8_t{0xff})) {
    return std::nullopt;
  }
  return v4 ? Endpoint::from_ipv4(load_be32(other.address.data()), other.port)
            : Endpoint{other.address, other.port};
}

RegisterSuperAck::Other other_of(const Endpoint& endpoint, const Mac& mac) {
  RegisterSuperAck::Other other{kFamilyIpv6, 0, endpoint.port, endpoint.address, mac};
  if (endpoint.is_ipv4()) {
    other.family = kFamilyIpv4;
    other.address = {};
    std::copy_n(endpoint.address.begin() + 12, 4, other.address.begin());
  }
  return other;
}

std::vector<std::uint8_t> encode(const Message& message) {
  std::uint16_t flags = message.flags & kKnownFlags;
  if (const auto socket = wants_socket(message.body)) {
    flags = static_cast<std::uint16_t>((flags & ~kHasSocket) | (*socket ? kHasSocket : 0));
  }
  Out out;
  out.common(message.ttl, type_of(message.body), flags, message.community);
  std::visit([&out](const auto& body) { put(out, body); }, message.body);
  return out.take();
}

bool looks_clear(Bytes bytes) {
  return bytes.size() >= kCommonSize && bytes[0] == kVersion && bytes[kCommonSize - 1] == 0 &&
         (load_be16(bytes.data() + 2) & ~(kKnownFlags | kTypeBits)) == 0 &&
         type_of(bytes).has_value();
}

std::optional<Type> type_of(Bytes bytes) {
  const auto type = static_cast<Type>(load_be16(bytes.data() + 2) & kTypeBits);
  const bool known =
      type == Type::kPacket || std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
  return known ? std::optional(type) : std::nullopt;
}

Community community_in(Bytes clear) {
  Community community{};
  std::copy_n(clear.begin() + 4, community.size(), community.begin());
  return community;
}

std::optional<Message> decode(Bytes bytes) {
  if (!looks_clear(bytes) || bytes.size() > kMostDatagram) {
    return std::nullopt;
  }
  const auto type = type_of(bytes);
  if (!type || *type == Type::kPacket) {
    return std::nullopt;
  }
  Message message;
  message.ttl = bytes[1];
  message.flags = load_be16(bytes.data() + 2) & kKnownFlags;
  message.community = community_in(bytes);
  In in(bytes.subspan(kCommonSize));
  message.body = get(in, *type, (message.flags & kHasSocket) != 0);
  return in.done() ? std::optional(std::move(message)) : std::nullopt;
}

std::size_t PacketHead::size() const {
  const std::size_t socket_size = !socket ? 0 : socket->endpoint.is_ipv4() ? 8 : 20;
  return kDirectHead + socket_size;
}

void write_head(const PacketHead& head, MutableBytes out) {
  Out fields;
  const auto flags =
      static_cast<std::uint16_t>((head.flags & kFromSupernode) | (head.socket ? kHasSocket : 0));
  fields.common(head.ttl, Type::kPacket, flags, head.community);
  fields.bytes(head.source);
  fields.bytes(head.destination);
  fields.socket(head.socket);
  fields.u8(head.compression);
  fields.u8(head.transform);
  std::copy(fields.written().begin(), fields.written().end(), out.begin());
}

std::optional<PacketHead> read_head(Bytes bytes) {
  if (!looks_clear(bytes) || type_of(bytes) != Type::kPacket) {
    return std::nullopt;
  }
  PacketHead head;
  head.ttl = bytes[1];
  head.flags = load_be16(bytes.data() + 2) & kKnownFlags;
  head.community = community_in(bytes);
  In in(bytes.subspan(kCommonSize));
  head.source = in.mac();
  head.destination = in.mac();
  head.socket = in.socket_if((head.flags & kHasSocket) != 0);
  head.compression = in.u8();
  head.transform = in.u8();
  return in.ok() ? std::optional(head) : std::nullopt;
}

}  // namespace marvel::vpn::n2n
