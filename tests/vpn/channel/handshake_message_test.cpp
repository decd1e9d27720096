#include "vpn/channel/handshake_message.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

const KeyPairX kA = make_identity(1);
const KeyPairX kB = make_identity(2);

std::vector<std::uint8_t> first_message(const std::optional<Block<16>>& cookie = {}) {
  auto noise = Handshake::initiator(bytes_of(kPrologue), kA, kB.point);
  const FirstPayload payload{7, CommunityId{1}, 3, {1, 2, 3}};
  return frame_first(42, noise.write_first(make_identity(3).secret, encode(payload)), kB.point,
                     cookie);
}

}  // namespace

TEST_CASE("the first message is read by the one it is for") {
  const auto datagram = first_message();
  REQUIRE(first_is_for(kB.point, datagram));
  CHECK_FALSE(first_is_for(kA.point, datagram));
  const auto message = read_first(kB, datagram);
  REQUIRE(message);
  CHECK(message->sender == 42);
  CHECK(message->noise.remote() == kA.point);
  CHECK(message->payload.timestamp == 7);
  CHECK(message->payload.community == CommunityId{1});
  CHECK(message->payload.certificate == std::vector<std::uint8_t>{1, 2, 3});
}

TEST_CASE("no part of a message, and none with a bit changed in front of mac2, is taken") {
  const auto datagram = first_message();
  for (std::size_t at = 0; at < datagram.size() - kMacSize; ++at) {
    auto changed = datagram;
    changed[at] ^= 2;
    CHECK_FALSE(first_is_for(kB.point, changed));
    CHECK_FALSE(first_is_for(kB.point, Bytes(datagram).first(at)));
  }
  const auto second = frame_second(1, 2, std::vector<std::uint8_t>(60), kA.point);
  CHECK(second_is_for(kA.point, second));
  for (std::size_t at = 0; at < second.size(); ++at) {
    auto changed = second;
    changed[at] ^= 2;
    CHECK_FALSE(second_is_for(kA.point, changed));
    CHECK_FALSE(second_is_for(kA.point, Bytes(second).first(at)));
  }
}

TEST_CASE("mac2 is the cookie's over all before it") {
  CHECK(text_of(mac2_of_first(first_message())) == std::string(16, '\0'));
  const auto datagram = first_message(Block<16>{9});
  const auto expected = blake2b_128({Bytes(datagram).first(datagram.size() - 16)}, Block<16>{9});
  CHECK(equal_secret(expected, mac2_of_first(datagram)));
}

TEST_CASE("payloads come back, and no beginning of one is one") {
  const auto first = encode(FirstPayload{1, {}, 3, std::vector<std::uint8_t>(100, 1)});
  REQUIRE(decode_first(first));
  const auto second = encode(SecondPayload{2, {1, 2}});
  REQUIRE(decode_second(second));
  for (std::size_t size = 0; size < first.size(); ++size) {
    CHECK_FALSE(decode_first(Bytes(first).first(size)));
  }
  for (std::size_t size = 0; size < second.size(); ++size) {
    CHECK_FALSE(decode_second(Bytes(second).first(size)));
  }
  CHECK_FALSE(decode_second(encode(SecondPayload{3, {}})));
  CHECK_FALSE(
      decode_first(encode(FirstPayload{1, {}, 3, std::vector<std::uint8_t>(kMaxCertificate + 1)})));
}

}  // namespace marvel::vpn
