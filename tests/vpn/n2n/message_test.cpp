#include "vpn/n2n/message.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

const Socket kSeen{Endpoint::from_ipv4(0x0a320001, 49599)};

// Recorded between programs of n2n, or of its own test of the wire.
struct Vector {
  const char* name;
  const char* bytes;
};
const std::array<Vector, 9> kVectors{{
    {"REGISTER",
     "030200016162633132336465663435367a0000000000000000000000000102030405101112131415202122231944"
     "756d6d795f4465765f446573630000"},
    {"REGISTER_SUPER",
     "030200056162633132336465663435367a0000000000000000000000202122232425202122231944756d6d795f44"
     "65765f44657363000000010010fe000000fd000000fc000000000000fb00000258"},
    {"UNREGISTER_SUPER",
     "030200066162633132336465663435367a0000000000000000010010fe000000fd000000fc000000000000fb3031"
     "32333435"},
    {"REGISTER_SUPER_ACK",
     "03020067746573746e657400000000000000000000000000f8bfd77f4ef3547d7be40000000000000f0000c1bf0a"
     "320001000000000000000000"},
    {"REGISTER, direct",
     "03020001746573746e65740000000000000000000000000000010000e6b7cf7b2cb57e75c92cb81e0a6200011876"
     "6d0000000000000000000000000000"},
    {"REGISTER, forwarded",
     "03010061746573746e65740000000000000000000000000000001000e6b7cf7b2cb57e75c92cb81e0000c1bf0a32"
     "00010a62000118766d0000000000000000000000000000"},
    {"REGISTER_ACK",
     "03020004746573746e657400000000000000000000000000000100007e75c92cb81ee6b7cf7b2cb5"},
    {"QUERY_PEER", "0302000b746573746e657400000000000000000000000000226219f248fa0000000000000000"},
    {"PEER_INFO",
     "0302002a746573746e6574000000000000000000000000000000ce318a9240480000000000000000dacc0a320001"
     "0000000000000007332e312e312d3234322d676666663530613700ff"},
}};

template <class Kind>
Kind body_of(std::size_t vector) {
  const auto message = decode(unhexed(kVectors.at(vector).bytes));
  REQUIRE(message);
  REQUIRE(std::holds_alternative<Kind>(message->body));
  return std::get<Kind>(message->body);
}

TEST_CASE("recorded datagrams are understood and written as the same bytes") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    const auto bytes = unhexed(vector.bytes);
    CHECK(looks_clear(bytes));
    const auto message = decode(bytes);
    REQUIRE(message);
    CHECK(hex(encode(*message)) == vector.bytes);
  }
}

TEST_CASE("the fields stand where n2n has them") {
  const auto forwarded = body_of<Register>(5);
  CHECK(forwarded.cookie == Register::kForwarded);
  CHECK(forwarded.source == Mac{0xe6, 0xb7, 0xcf, 0x7b, 0x2c, 0xb5});
  CHECK(forwarded.socket == kSeen);
  CHECK(forwarded.address == Address{0x0a620001, 24});
  CHECK(forwarded.description == description_of("vm"));
  CHECK(body_of<RegisterSuper>(1).auth.scheme == kSimpleId);
  CHECK(body_of<RegisterSuper>(1).key_time == 600);
  CHECK(body_of<RegisterSuperAck>(3).seen == kSeen);
  CHECK(body_of<RegisterSuperAck>(3).lifetime == 15);
  CHECK(body_of<RegisterAck>(6).destination == Mac{0x7e, 0x75, 0xc9, 0x2c, 0xb8, 0x1e});
  CHECK(body_of<QueryPeer>(7).target == kNoMac);
  CHECK(body_of<PeerInfo>(8).uptime == 7);
}

TEST_CASE("the port of another super node is little endian") {
  RegisterSuperAck ack;
  ack.others.push_back({2, 0, 0x1234, {10, 50, 0, 2}, {2, 0, 0, 0, 0, 9}});
  const auto bytes = encode({kTtl, kFromSupernode | kHasSocket, *community_of("testnet"), ack});
  const auto end = Bytes(bytes).last(4 + 26);
  CHECK(hex(end) ==
        "0200"
        "3412"
        "0a320002000000000000000000000000"
        "020000000009"
        "00000000");
  const auto again = decode(bytes);
  REQUIRE(again);
  CHECK(std::get<RegisterSuperAck>(again->body) == ack);
}

TEST_CASE("datagrams that are cut short or have bytes left over are refused") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    auto bytes = unhexed(vector.bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK_FALSE(decode(Bytes(bytes).first(size)));
    }
    bytes.push_back(0);
    CHECK_FALSE(decode(bytes));
  }
}

TEST_CASE("sizes that lie are refused") {
  auto token = unhexed(kVectors[1].bytes);
  token[kCommonSize + 31 + 2] = 0xff;  // token_size 0xff10
  CHECK_FALSE(decode(token));
  auto count = unhexed(kVectors[3].bytes);
  count[count.size() - 5] = 200;
  CHECK_FALSE(decode(count));
  auto bits = unhexed(kVectors[0].bytes);
  bits[kCommonSize + 20] = 33;
  CHECK_FALSE(decode(bits));
}

TEST_CASE("a packet's head is n2n's") {
  const auto bytes = unhexed(
      "03020003746573746e657400000000000000000000000000e6b7cf7b2cb5ffffffffffff0105506f2fe2a429a7b"
      "a");
  const auto head = read_head(bytes);
  REQUIRE(head);
  CHECK(head->size() == kDirectHead);
  CHECK(head->destination == kEveryone);
  CHECK(head->compression == 1);
  CHECK(head->transform == 5);
  std::vector<std::uint8_t> written(head->size());
  write_head(*head, written);
  CHECK(hex(written) == hex(Bytes(bytes).first(kDirectHead)));
  PacketHead relayed = *head;
  relayed.socket = kSeen;
  relayed.flags = kFromSupernode | kHasSocket;
  written.resize(relayed.size());
  CHECK(written.size() == kDirectHead + 8);
  write_head(relayed, written);
  CHECK(read_head(written) == relayed);
  CHECK_FALSE(read_head(Bytes(written).first(kDirectHead)));
}

TEST_CASE("names of communities have 1 to 19 bytes") {
  CHECK(name_of(*community_of("testnet")) == "testnet");
  CHECK(community_of(std::string(19, 'x')));
  CHECK_FALSE(community_of(std::string(20, 'x')));
  CHECK_FALSE(community_of(""));
}

TEST_CASE("a named super node is somewhere, or nowhere") {
  const Mac mac{2, 0, 0, 0, 1, 1};
  for (const Endpoint& place :
       {Endpoint::from_ipv4(0x0a320001, 7654), Endpoint{{0x20, 1, 0xd, 0xb8}, 7654}}) {
    CHECK(endpoint_of(other_of(place, mac)) == place);
    CHECK(other_of(place, mac).mac == mac);
  }
  CHECK(other_of(Endpoint::from_ipv4(0x0a320001, 7654), mac).family == 2);
  const RegisterSuperAck::Other none;
  CHECK_FALSE(endpoint_of(none));
  CHECK_FALSE(endpoint_of(other_of(Endpoint::from_ipv4(0x0a320001, 0), mac)));
  CHECK_FALSE(endpoint_of(other_of(Endpoint::from_ipv4(0xe0000044, 7), mac)));
  CHECK_FALSE(endpoint_of(other_of(Endpoint{{0xff, 2}, 7}, mac)));
  CHECK_FALSE(endpoint_of(other_of(Endpoint::from_ipv4(0, 7), mac)));
}

TEST_CASE("random bytes are one message or none") {
  for (std::uint64_t seed = 0; seed < seeds(2000); ++seed) {
    SeededRandom random(seed);
    auto bytes = unhexed(kVectors.at(seed % kVectors.size()).bytes);
    for (int flips = 0; flips < 3; ++flips) {
      bytes[random.rng().below(static_cast<std::uint32_t>(bytes.size()))] =
          static_cast<std::uint8_t>(random.rng().next());
    }
    if (const auto message = decode(bytes)) {
      CHECK(hex(encode(*message)) == hex(bytes));
    }
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
