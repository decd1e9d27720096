#include "federate/privacy/noise.hpp"

#include <array>
#include <bit>
#include <set>

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("the system's numbers never repeat and have as many ones as zeros") {
  const auto random = system_random();
  const auto other = system_random();
  REQUIRE(random.has_value());
  std::set<std::uint64_t> seen;
  int ones = 0;
  std::array<std::uint64_t, 64> block{};
  for (int i = 0; i < 50; ++i) {
    (i % 2 == 0 ? *random : *other)->fill(block);
    for (const auto value : block) {
      CHECK(seen.insert(value).second);
      ones += std::popcount(value);
    }
  }
  CHECK(ones == doctest::Approx(50 * 64 * 32).epsilon(0.02));
}

}  // namespace marvel::federate
