#include "deploy/rollout/packed.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {

TEST_CASE("packed text comes back, and packing twice gives the same bytes") {
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x') + "y",
                                  std::string("\0\xff\n", 3)}) {
    const std::string packed = gzip(text);
    CHECK(packed == gzip(text));
    CHECK(gunzip(packed, text.size()) == text);
  }
}

TEST_CASE("what is cut off, damaged or too large is refused") {
  const std::string packed = gzip(std::string(100'000, 'x'));
  CHECK(gunzip(packed, 99'999).error().message.find("more than 99999 bytes") != std::string::npos);
  CHECK(gunzip(packed.substr(0, packed.size() - 1), 1 << 20).error().code == Errc::kInput);
  CHECK_FALSE(gunzip("", 10).has_value());
  CHECK_FALSE(gunzip("no gzip at all", 10).has_value());
  std::string damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(damaged[packed.size() - 6] ^ 1);  // of the CRC
  CHECK_FALSE(gunzip(damaged, 1 << 20).has_value());
}

}  // namespace marvel::rollout
