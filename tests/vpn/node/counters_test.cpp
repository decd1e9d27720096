#include "vpn/node/counters.hpp"

#include <set>

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("every reason has a name of its own") {
  std::set<std::string_view> names;
  Counters counters;
  for (std::size_t at = 0; at < counters.drops.size(); ++at) {
    names.insert(drop_name(static_cast<Drop>(at)));
  }
  CHECK(names.size() == counters.drops.size());
  CHECK_FALSE(names.contains(""));
  counters.drop(Drop::kForged);
  CHECK(counters.dropped(Drop::kForged) == 1);
}

}  // namespace marvel::vpn
