#include "vpn/node/half_frames.hpp"

#include "vpn/support.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

using Which = HalfFrames::Which;
constexpr Block<3> kFirst{1, 2, 3};
constexpr Block<2> kSecond{4, 5};
const std::vector<std::uint8_t> kWhole{1, 2, 3, 4, 5};

}  // namespace

TEST_CASE("two halves make the frame in either order, once") {
  HalfFrames halves;
  CHECK_FALSE(halves.add(Which::kFirst, 9, 100, kFirst, {}));
  const auto whole = halves.add(Which::kSecond, 9, 101, kSecond, {34, 16});
  REQUIRE(whole);
  CHECK(std::ranges::equal(whole->frame, kWhole));
  CHECK(whole->checksum.start == 34);
  CHECK_FALSE(halves.add(Which::kSecond, 9, 103, kSecond, {}));
  REQUIRE(halves.add(Which::kFirst, 9, 102, kFirst, {}));
  CHECK_FALSE(halves.add(Which::kSecond, 9, 101, kSecond, {}));
}

TEST_CASE("halves of different frames or sessions never meet") {
  HalfFrames halves;
  CHECK_FALSE(halves.add(Which::kFirst, 9, 100, kFirst, {}));
  CHECK_FALSE(halves.add(Which::kSecond, 9, 102, kSecond, {}));
  CHECK_FALSE(halves.add(Which::kSecond, 8, 101, kSecond, {}));
  CHECK_FALSE(halves.add(Which::kFirst, 9, 100, kFirst, {}));
}

TEST_CASE("a lost half is forgotten after 64 others, and memory stays bounded") {
  HalfFrames halves;
  CHECK_FALSE(halves.add(Which::kFirst, 9, 0, kFirst, {}));
  for (std::uint64_t at = 1; at <= 64; ++at) {
    CHECK_FALSE(halves.add(Which::kFirst, 9, 10 * at, kFirst, {}));
  }
  CHECK_FALSE(halves.add(Which::kSecond, 9, 1, kSecond, {}));
  CHECK(halves.add(Which::kSecond, 9, 641, kSecond, {}));
}

}  // namespace marvel::vpn
