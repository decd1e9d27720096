#include "vpn/bytes.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("hexadecimal digits are read in both cases and written in small letters") {
  Block<4> bytes{};
  REQUIRE(unhex("00aBfF7e", bytes));
  CHECK(bytes == Block<4>{0x00, 0xab, 0xff, 0x7e});
  CHECK(hex(bytes) == "00abff7e");
}

TEST_CASE("digits too few, too many or of another alphabet are refused") {
  Block<2> bytes{};
  for (const char* text : {"", "abc", "abcdef", "abcg", "ab d", "0x12"}) {
    CAPTURE(text);
    CHECK_FALSE(unhex(text, bytes));
  }
}

TEST_CASE("numbers are stored in the order that their name says") {
  Block<4> bytes{};
  store_le(bytes.data(), std::uint32_t{0x01020304});
  CHECK(bytes == Block<4>{4, 3, 2, 1});
  store_be32(bytes.data(), 0x01020304);
  CHECK(bytes == Block<4>{1, 2, 3, 4});
  CHECK(load_be32(bytes.data()) == 0x01020304);
  CHECK(load_be16(bytes.data() + 2) == 0x0304);
}

}  // namespace marvel::vpn
