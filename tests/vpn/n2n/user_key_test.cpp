#include "vpn/n2n/user_key.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

TEST_CASE("public keys are points of n2n's base, 9 with its bytes the other way round") {
  Secret same;
  same.bytes.fill(0x55);
  CHECK(hex(public_key(same)) ==
        "7f421bf9345a59844a30bc536474fa7c158177a44d346d2f8bc18c05d6a94454");
}

// The values of n2n's own test of its elliptic curve.
TEST_CASE("keys of a name and what they have in common are n2n's") {
  const Secret key = federation_key("00420mG51WS82GeB30qE3m");
  CHECK(hex(key.bytes) == "a4f4b51c8a0a09f97e9822ca8accb3f94d5a0d020b9d08ea039b46418e3c0d49");
  CHECK(hex(public_key(key)) == "ca58616ff925d0cd1da56248a0155eada9f35c105f20b642b0a97c1e0ed7e94b");
  CHECK(key_text(public_key(federation_key("secretFed"))) ==
        "opIyaWhWjKLJSNOHNpKnGmelhHWRqkmY5pAx7lbDHp4");
  CHECK(key_text(public_key(federation_key(kDefaultFederation))) ==
        "i0IuBFO0RC22m2Ya32uUUFUA2yfQSwsxVZ3-S5F2k7O");
  CHECK(key_text(public_key(user_key("logan", "007"))) ==
        "nHWum+r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG");
}

TEST_CASE("the shared key is hashed once more, and its first half is used") {
  const Secret key = federation_key("00420mG51WS82GeB30qE3m");
  const auto shared = SharedKey::of(key, public_key(key));
  REQUIRE(shared);
  Block<16> half{};
  REQUIRE(unhex("5d947b0bdb54e8708a09b0db6f0b0d31", half));
  CHECK(shared->trailer({1, 2}) == Speck(half).encrypt({1, 2}));
}

TEST_CASE("the text form goes there and back, and there is one of each key") {
  Block<16> counted{};
  for (std::size_t at = 0; at < counted.size(); ++at) {
    counted[at] = static_cast<std::uint8_t>(at);
  }
  CHECK(key_text(counted) == "00420mG51WS82GeB30qE3m");
  for (std::uint64_t seed = 0; seed < seeds(200); ++seed) {
    SeededRandom random(seed);
    PublicKey key{};
    random.fill(key);
    const std::string text = key_text(key);
    CHECK(parse_key_text(text) == key);
    CHECK_FALSE(parse_key_text(text.substr(1)));
    CHECK_FALSE(parse_key_text(text + "0"));
    std::string other = text;
    other.back() = other.back() == '1' ? '2' : '1';  // a bit behind the last byte
    CHECK_FALSE(parse_key_text(other));
  }
  CHECK_FALSE(parse_key_text("nHWum_r42k1qDXdIeH-WFKeylK5UyLStRzxofRNAgpG"));
  CHECK_FALSE(parse_key_text(""));
}

TEST_CASE("the dynamic key follows from community, federation and time") {
  const auto key = dynamic_key(*community_of("mynetwork"), *federation_of("Federation"), 600);
  CHECK(hex(key) == "c1660bcc897f467e6e6287b7b0eec6e3");
  CHECK(key != dynamic_key(*community_of("mynetwork"), *federation_of("Federation"), 601));
  CHECK(key != dynamic_key(*community_of("mynetwork"), *federation_of("Other"), 600));
  CHECK_FALSE(federation_of(""));
  CHECK_FALSE(federation_of(std::string(19, 'x')));
}

struct Pair {
  Secret federation = federation_key("secretFed");
  Secret user = user_key("logan", "007");
  SharedKey edge = *SharedKey::of(user, public_key(federation));
  SharedKey supernode = *SharedKey::of(federation, public_key(user));
};

TEST_CASE("an edge learns the dynamic key from an answer to its challenge alone") {
  const Pair at;
  const Block<16> challenge{1, 2, 3};
  const Block<16> dynamic{9, 8, 7};
  const Auth asked = at.edge.ask(public_key(at.user), challenge);
  CHECK(user_in(asked) == public_key(at.user));
  const Auth answer = at.supernode.answer(asked, dynamic);
  CHECK(at.edge.learn(challenge, answer) == dynamic);
  CHECK_FALSE(at.edge.learn({1, 2, 4}, answer));
  const auto other = SharedKey::of(user_key("logan", "008"), public_key(at.federation));
  REQUIRE(other);
  CHECK_FALSE(other->learn(challenge, answer));
  CHECK_FALSE(at.edge.learn(challenge, {}));
  CHECK_FALSE(at.edge.learn(challenge, {kUserPassword, std::vector<std::uint8_t>(47)}));
  CHECK(at.edge.trailer({5}) == at.supernode.trailer({5}));
  CHECK(at.edge.trailer({5}) != other->trailer({5}));
}

TEST_CASE("a point of small order is refused") {
  CHECK_FALSE(SharedKey::of(federation_key("secretFed"), PublicKey{}));
}

TEST_CASE("an owner is an id or a user, whatever the challenge") {
  const Pair at;
  const Auth one = at.edge.ask(public_key(at.user), {1});
  const Auth two = at.edge.ask(public_key(at.user), {2});
  const Auth other = at.edge.ask(public_key(user_key("laura", "007")), {1});
  const Auth id{kSimpleId, std::vector<std::uint8_t>(16, 1)};
  CHECK(same_owner(one, two));
  CHECK_FALSE(same_owner(one, other));
  CHECK_FALSE(same_owner(one, id));
  CHECK(same_owner(id, id));
}

}  // namespace
}  // namespace marvel::vpn::n2n
