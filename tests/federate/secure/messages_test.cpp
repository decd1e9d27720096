#include "federate/secure/messages.hpp"

#include <doctest/doctest.h>

namespace marvel::federate::secure {
namespace {

Key key_of(unsigned char byte) {
  Key key;
  key.fill(byte);
  return key;
}

// Every prefix and one byte more must be refused, unless they are a shorter list.
template <class Decode>
void check_lengths(const std::string& bytes, std::size_t row, const Decode& decode) {
  for (std::size_t length = 0; length <= bytes.size() + 1; ++length) {
    auto part = bytes.substr(0, length);
    part.resize(length, 'x');
    CAPTURE(length);
    CHECK(decode(part).has_value() == (length % row == 0));
  }
}

}  // namespace

TEST_CASE("keys, rosters, parcels, places and reveals come back as they were") {
  const OpenKeys keys{key_of(1), key_of(2)};
  CHECK(*decode_keys(encode(keys)) == keys);
  const std::vector<OpenKeys> roster{keys, {key_of(3), key_of(4)}};
  CHECK(*decode_roster(encode(roster)) == roster);
  CHECK_FALSE(decode_roster("").has_value());
  CHECK_FALSE(decode_roster(std::string(64 * 256, 'x')).has_value());

  const std::vector<Parcel> parcels{{1, std::string(104, 'a')}, {255, std::string(104, 'b')}};
  const auto back = decode_parcels(encode(parcels));
  REQUIRE(back->size() == 2);
  CHECK((*back)[1].peer == 255);
  CHECK((*back)[1].sealed == parcels[1].sealed);
  check_lengths(encode(parcels), 105, decode_parcels);

  CHECK(*decode_places(encode_places({1, 7, 255})) == std::vector<std::uint8_t>{1, 7, 255});
  const std::vector<Reveal> reveals{{1, false, key_of(5)}, {2, true, key_of(6)}};
  const auto told = decode_reveals(encode(reveals));
  REQUIRE(told->size() == 2);
  CHECK((*told)[1].mask_key);
  CHECK((*told)[1].share == key_of(6));
  check_lengths(encode(reveals), 34, decode_reveals);
  CHECK_FALSE(decode_keys(encode(keys) + "x").has_value());
}

TEST_CASE("places that do not ascend, are none, or occur twice are refused") {
  CHECK_FALSE(decode_places(encode_places({0})).has_value());
  CHECK_FALSE(decode_places(encode_places({2, 1})).has_value());
  CHECK_FALSE(decode_places(encode_places({3, 3})).has_value());
  CHECK_FALSE(
      decode_reveals(encode(std::vector<Reveal>{{1, false, {}}, {1, true, {}}})).has_value());
  auto kind = encode(std::vector<Reveal>{{1, false, {}}});
  kind[1] = 2;
  CHECK_FALSE(decode_reveals(kind).has_value());
}

TEST_CASE("numbers are little-endian and exactly as many as expected") {
  const auto bytes = encode_numbers({1, 0x0102030405060708ULL});
  CHECK(bytes.text().substr(8) == "\x08\x07\x06\x05\x04\x03\x02\x01");
  CHECK(*decode_numbers(bytes, 2) == std::vector<std::uint64_t>{1, 0x0102030405060708ULL});
  CHECK_FALSE(decode_numbers(bytes, 1).has_value());
  CHECK_FALSE(decode_numbers(bytes, 3).has_value());
  CHECK(stage_name(Stage::kUnmask) == "unmask");
}

}  // namespace marvel::federate::secure
