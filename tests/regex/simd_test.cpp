#include "regex/simd.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace marvel::regex {

TEST_CASE("every machine can do without vectors, and the best is among what it has") {
  const auto simds = supported_simd();
  REQUIRE(!simds.empty());
  CHECK(simds.front() == Simd::kNone);
  CHECK(simds.back() == best_simd());
  CHECK(std::is_sorted(simds.begin(), simds.end()));
}

TEST_CASE("each has a name of its own") {
  std::set<std::string_view> names;
  for (const Simd simd : {Simd::kNone, Simd::kSsse3, Simd::kAvx2, Simd::kAvx512}) {
    names.insert(simd_name(simd));
  }
  CHECK(names.size() == 4);
}

}  // namespace marvel::regex
