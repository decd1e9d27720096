#include "vpn/n2n/cover.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

const Community kTestnet = *community_of("testnet");
const Time kNow = seconds(1);

std::vector<std::uint8_t> with_room(const Body& body, std::size_t trailer) {
  auto bytes = encode({kTtl, 0, kTestnet, body});
  bytes.resize(bytes.size() + trailer);
  return bytes;
}

struct Users {
  SeededRandom random{1};
  SharedKey shared = *SharedKey::of(user_key("logan", "007"), public_key(federation_key("fed")));
  Cover cover{kTestnet, false, random, 0};

  Users() { cover.set_users(Block<16>{1, 2, 3}); }
  std::vector<std::uint8_t> sealed(const Body& body, const SharedKey* user) {
    auto bytes = with_room(body, cover.trailer(type_of(body)));
    cover.seal_message(kNow, type_of(body), bytes, user);
    return bytes;
  }
};

TEST_CASE("a clear datagram stays as it is") {
  SeededRandom random(1);
  Cover cover(kTestnet, false, random, 0);
  const auto clear = with_room(QueryPeer{}, 0);
  auto bytes = clear;
  cover.seal_message(kNow, Type::kQueryPeer, bytes, nullptr);
  CHECK(bytes == clear);
  CHECK(cover.packet_header(38, 100) == 38);
}

TEST_CASE("with users registrations have the name's key and a trailer, all else the dynamic one") {
  Users at;
  RegisterSuper body;
  body.cookie = 77;
  const auto registration = at.sealed(body, &at.shared);
  const auto clear = with_room(body, 0);
  REQUIRE(registration.size() == clear.size() + Cover::kTrailer);
  auto by_name = Bytes(registration).first(clear.size());
  std::vector<std::uint8_t> copy(by_name.begin(), by_name.end());
  CHECK(HeaderCipher(kTestnet).open(copy));
  CHECK(copy == clear);

  const auto query = at.sealed(QueryPeer{}, &at.shared);
  copy = query;
  CHECK_FALSE(HeaderCipher(kTestnet).open(copy));
  CHECK(HeaderCipher(kTestnet, Block<16>{1, 2, 3}).open(copy));
  CHECK(copy == with_room(QueryPeer{}, 0));
}

TEST_CASE("what is opened says which key it was, and shows whether the user has sealed it") {
  Users at;
  auto bytes = at.sealed(RegisterSuper{}, &at.shared);
  auto opened = at.cover.open(bytes);
  REQUIRE(opened);
  REQUIRE(opened->hash);
  CHECK(at.shared.trailer(*opened->hash) == opened->trailer);
  CHECK(at.cover.fits(Type::kRegisterSuper, *opened));
  CHECK_FALSE(at.cover.fits(Type::kPacket, *opened));
  CHECK(decode(opened->clear));

  bytes = at.sealed(RegisterSuperNak{}, nullptr);
  opened = at.cover.open(bytes);
  REQUIRE(opened);
  REQUIRE(opened->hash);
  CHECK(at.shared.trailer(*opened->hash) != opened->trailer);

  bytes = at.sealed(QueryPeer{}, &at.shared);
  opened = at.cover.open(bytes);
  REQUIRE(opened);
  CHECK(at.cover.fits(Type::kQueryPeer, *opened));
  CHECK_FALSE(at.cover.fits(Type::kRegisterSuperAck, *opened));
}

TEST_CASE("with users the IV of a frame is hidden with the header") {
  Users at;
  CHECK(at.cover.packet_header(38, 100) == 54);
  CHECK(at.cover.packet_header(38, 5) == 43);
}

TEST_CASE("an edge without a dynamic key yet opens registrations alone") {
  Users at;
  SeededRandom random(2);
  Cover young(kTestnet, true, random, 0);
  young.set_users(std::nullopt);
  auto query = at.sealed(QueryPeer{}, nullptr);
  CHECK_FALSE(young.open(query));
  auto ack = at.sealed(RegisterSuperAck{}, &at.shared);
  CHECK(young.open(ack));
}

TEST_CASE("cut datagrams are refused and not read behind their end") {
  Users at;
  const auto whole = at.sealed(RegisterSuper{}, &at.shared);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(at.cover.open(cut));
  }
}

}  // namespace
}  // namespace marvel::vpn::n2n
