#include "vpn/channel/cookie.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

const KeyPairX kA = make_identity(1);
const KeyPairX kB = make_identity(2);
const Endpoint kHere = Endpoint::from_ipv4(0xc0000201, 1000);
const Endpoint kThere = Endpoint::from_ipv4(0xc0000202, 1000);

std::vector<std::uint8_t> first(const std::optional<Block<16>>& cookie = {}) {
  auto noise = Handshake::initiator(bytes_of(kPrologue), kA, kB.point);
  return frame_first(42, noise.write_first(make_identity(3).secret, encode(FirstPayload{})),
                     kB.point, cookie);
}

}  // namespace

TEST_CASE("beyond the rate only who shows a cookie for its address is worked on") {
  SeededRandom random(5);
  CookieJar jar(random, 2);
  const Time now = seconds(10);
  CHECK(jar.admit(now, kHere, first()));
  CHECK(jar.admit(now, kHere, first()));
  CHECK_FALSE(jar.admit(now, kHere, first()));

  const auto asked = first();
  const auto reply = jar.reply(now, kHere, asked, kB.point);
  CHECK(reply.size() == kCookieSize);
  CHECK(reply.size() < asked.size());
  const auto cookie = open_cookie(reply, kB.point, mac1_of_first(asked));
  REQUIRE(cookie);
  CHECK(jar.admit(now, kHere, first(cookie)));
  CHECK_FALSE(jar.admit(now, kThere, first(cookie)));
}

TEST_CASE("a new second has a new allowance and an old cookie ends") {
  SeededRandom random(6);
  CookieJar jar(random, 0);
  const auto asked = first();
  const auto reply = jar.reply(seconds(10), kHere, asked, kB.point);
  const auto cookie = open_cookie(reply, kB.point, mac1_of_first(asked));
  REQUIRE(cookie);
  CHECK(jar.admit(seconds(100), kHere, first(cookie)));
  CHECK_FALSE(jar.admit(seconds(131), kHere, first(cookie)));
}

TEST_CASE("a cookie for another message or with a bit changed is not taken") {
  SeededRandom random(7);
  CookieJar jar(random, 0);
  const auto asked = first();
  auto reply = jar.reply(seconds(1), kHere, asked, kB.point);
  CHECK_FALSE(open_cookie(reply, kB.point, Block<16>{}));
  CHECK_FALSE(open_cookie(reply, kA.point, mac1_of_first(asked)));
  reply[20] ^= 1;
  CHECK_FALSE(open_cookie(reply, kB.point, mac1_of_first(asked)));
  CHECK_FALSE(open_cookie(Bytes(reply).first(40), kB.point, mac1_of_first(asked)));
}

}  // namespace marvel::vpn
