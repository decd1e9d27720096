#include "vpn/channel/channel.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

struct Side {
  explicit Side(std::uint64_t seed) : random(seed), identity(make_identity(seed)) {}

  SeededRandom random;
  KeyPairX identity;
  IndexTable indices;
  ChannelOwner owner;
  Home home{identity, {}, random, indices, 1'000'000'000'000};
};

struct Pair {
  Side left{1};
  Side right{2};
  Channel a{left.home, right.identity.point, left.owner};
  Channel b{right.home, left.identity.point, right.owner};

  std::vector<std::uint8_t> answer(Time now, Bytes first) {
    REQUIRE(first_is_for(right.identity.point, first));
    auto message = read_first(right.identity, first);
    REQUIRE(message);
    return b.respond(now, *message);
  }
  bool shake(Time now) {
    const auto first = a.initiate(now);
    return a.finish(now, answer(now, first));
  }
  static bool pass(Time now, Channel& from, Channel& to) {
    std::vector<std::uint8_t> bytes(kHeaderSize + 3 + kTagSize);
    return from.seal(now, {}, bytes) && to.open(now, bytes).verdict == Session::Verdict::kFresh;
  }
};

}  // namespace

TEST_CASE("after a handshake both sides talk, the answering one only once it has heard") {
  Pair pair;
  REQUIRE(pair.shake(seconds(1)));
  CHECK(pair.a.ready(seconds(1)));
  CHECK_FALSE(pair.b.ready(seconds(1)));
  CHECK(Pair::pass(seconds(1), pair.a, pair.b));
  CHECK(pair.b.ready(seconds(1)));
  CHECK(Pair::pass(seconds(1), pair.b, pair.a));
}

TEST_CASE("a replayed first message is not answered and disturbs nothing") {
  Pair pair;
  const auto first = pair.a.initiate(seconds(1));
  const auto second = pair.answer(seconds(1), first);
  CHECK(pair.answer(seconds(2), first).empty());
  REQUIRE(pair.a.finish(seconds(2), second));
  CHECK(Pair::pass(seconds(2), pair.a, pair.b));
  CHECK(pair.answer(seconds(3), first).empty());
}

TEST_CASE("a forged second message does not spoil the true one") {
  Pair pair;
  const auto first = pair.a.initiate(seconds(1));
  const auto second = pair.answer(seconds(1), first);
  auto forged = second;
  forged[20] ^= 1;
  CHECK_FALSE(pair.a.finish(seconds(1), forged));
  CHECK(pair.a.finish(seconds(1), second));
  CHECK_FALSE(pair.a.finish(seconds(1), second));
}

TEST_CASE("another psk or community gives no session") {
  Pair pair;
  pair.right.home.membership.psk = make_identity(9).secret;
  CHECK_FALSE(pair.shake(seconds(1)));
  pair.right.home.membership.psk = Secret();
  pair.right.home.membership.community = CommunityId{1};
  CHECK(pair.answer(seconds(2), pair.a.initiate(seconds(2))).empty());
}

TEST_CASE("packets of the old session still open after the keys have changed") {
  Pair pair;
  REQUIRE(pair.shake(seconds(1)));
  REQUIRE(Pair::pass(seconds(1), pair.a, pair.b));
  std::vector<std::uint8_t> late(kHeaderSize + kTagSize);
  REQUIRE(pair.b.seal(seconds(2), {}, late));
  REQUIRE(pair.shake(seconds(3)));
  REQUIRE(Pair::pass(seconds(3), pair.a, pair.b));
  CHECK(pair.a.open(seconds(3), late).verdict == Session::Verdict::kFresh);
}

TEST_CASE("both sides may begin at once") {
  Pair pair;
  const auto from_a = pair.a.initiate(seconds(1));
  const auto from_b = pair.b.initiate(seconds(1));
  auto at_a = read_first(pair.left.identity, from_b);
  REQUIRE(at_a);
  const auto to_b = pair.a.respond(seconds(1), *at_a);
  const auto to_a = pair.answer(seconds(1), from_a);
  REQUIRE(pair.a.finish(seconds(1), to_a));
  REQUIRE(pair.b.finish(seconds(1), to_b));
  for (int time = 0; time < 4; ++time) {
    CHECK(Pair::pass(seconds(2), pair.a, pair.b));
    CHECK(Pair::pass(seconds(2), pair.b, pair.a));
  }
}

TEST_CASE("indices are given back") {
  Pair pair;
  for (int time = 1; time < 20; ++time) {
    REQUIRE(pair.shake(seconds(time)));
    REQUIRE(Pair::pass(seconds(time), pair.a, pair.b));
  }
  CHECK(pair.left.indices.size() <= 3);
  CHECK(pair.right.indices.size() <= 3);
  pair.a.close();
  CHECK(pair.left.indices.size() == 0);
}

}  // namespace marvel::vpn
