#include "federate/array/crc32.hpp"

#include "base/random.hpp"

#include <string>
#include <zlib.h>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

std::uint32_t by_zlib(std::uint32_t before, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string random_bytes(CounterRng& random, std::size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(random.below(256));
  }
  return bytes;
}

}  // namespace

TEST_CASE("the checksum of known bytes is the known one") {
  CHECK(crc32_after(0, "") == 0);
  CHECK(crc32_after(0, "123456789") == 0xcbf43926);
  CHECK(crc32_after(0, std::string(1000, 'a')) == by_zlib(0, std::string(1000, 'a')));
}

TEST_CASE("a checksum of any length, at any place in memory, is zlib's") {
  CounterRng random(7);
  const std::string bytes = random_bytes(random, 1200);
  for (std::size_t begin = 0; begin < 17; ++begin) {
    for (std::size_t length = 1; begin + length <= bytes.size(); length += length < 300 ? 1 : 37) {
      CAPTURE(begin);
      CAPTURE(length);
      const std::string_view part = std::string_view(bytes).substr(begin, length);
      REQUIRE(crc32_after(0, part) == by_zlib(0, part));
      REQUIRE(crc32_after(0x12345678, part) == by_zlib(0x12345678, part));
    }
  }
}

TEST_CASE("a checksum of parts is that of the whole") {
  CounterRng random(8);
  const std::string bytes = random_bytes(random, 5000);
  for (int i = 0; i < 200; ++i) {
    std::uint32_t crc = 0;
    for (std::string_view left = bytes; !left.empty();) {
      const auto part = left.substr(0, 1 + random.below(700));
      crc = crc32_after(crc, part);
      left.remove_prefix(part.size());
    }
    REQUIRE(crc == by_zlib(0, bytes));
  }
}

}  // namespace marvel::federate
