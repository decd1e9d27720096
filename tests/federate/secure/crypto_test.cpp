#include "federate/secure/crypto.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::federate::secure {
namespace {

Key from_hex(const char* hex) {
  Key key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<unsigned char>(std::stoi(std::string(hex + 2 * i, 2), nullptr, 16));
  }
  return key;
}

}  // namespace

TEST_CASE("open keys are X25519's") {  // as OpenSSL computes it
  REQUIRE(prepare().has_value());
  const Key secret = from_hex("77076d0a7318a57d3c16c17251b26645df4c2f92ebc0992ac177fba51db92c2a");
  CHECK(open_key(secret) ==
        from_hex("f8a9535a2d2ff605e8e144d54f4ef5c62313a2055dbb21fddd3fd9c299eb015d"));
}

TEST_CASE("two sides agree on one key per purpose, a third on another") {
  REQUIRE(prepare().has_value());
  const auto a = new_key_pair();
  const auto b = new_key_pair();
  const auto c = new_key_pair();
  CHECK(*agree(a, b.open, "x") == *agree(b, a.open, "x"));
  CHECK(*agree(a, b.open, "x") != *agree(a, b.open, "y"));
  CHECK(*agree(a, b.open, "x") != *agree(a, c.open, "x"));
  CHECK_FALSE(agree(a, Key{}, "x").has_value());  // a point of low order
}

TEST_CASE("what is sealed opens with the same key and label, whole and unchanged") {
  REQUIRE(prepare().has_value());
  const Key key = random_key();
  const auto sealed = seal(key, "secret", "1 2");
  CHECK(sealed.size() == 6 + kSealBytes);
  CHECK(*unseal(key, sealed, "1 2") == "secret");
  CHECK_FALSE(unseal(key, sealed, "2 1").has_value());
  CHECK_FALSE(unseal(random_key(), sealed, "1 2").has_value());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    CHECK_FALSE(unseal(key, std::string_view(sealed).substr(0, i), "1 2").has_value());
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(unseal(key, changed, "1 2").has_value());
  }
  CHECK(seal(key, "secret", "1 2") != sealed);
}

// ChaCha20 with key 0 and nonce 0 begins with 76b8e0ada0f13d90, its second block with
// 9f07e7be5551387a (RFC 7539, appendix A.1).
TEST_CASE("a mask is the ChaCha20 stream of its seed, over blocks, and vanishes when subtracted") {
  std::vector<std::uint64_t> numbers(20001, 5);
  add_mask(Key{}, false, numbers);
  CHECK(numbers[0] == 0x903df1a0ade0b876ULL + 5);
  CHECK(numbers[8] == 0x7a385155bee7079fULL + 5);  // the next block
  std::vector<std::uint64_t> part(9000, 5);
  add_mask(Key{}, false, part);
  CHECK(std::equal(part.begin(), part.end(), numbers.begin()));  // a stream, whatever the length
  CHECK(numbers[8192] != numbers[0]);
  add_mask(Key{}, true, numbers);
  CHECK(numbers == std::vector<std::uint64_t>(20001, 5));
}

TEST_CASE("names are 32 hex digits and never the same") {
  CHECK(random_name().size() == 32);
  CHECK(random_name() != random_name());
}

}  // namespace marvel::federate::secure
