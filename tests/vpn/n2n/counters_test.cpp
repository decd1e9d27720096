#include "vpn/n2n/counters.hpp"

#include "vpn/support.hpp"

#include <set>

namespace marvel::vpn::n2n {
namespace {

TEST_CASE("every reason to drop has a name of its own") {
  std::set<std::string_view> names;
  const Counters counters;
  for (std::size_t at = 0; at < counters.drops.size(); ++at) {
    CHECK(names.insert(drop_name(static_cast<Drop>(at))).second);
  }
  CHECK_FALSE(names.contains(""));
}

}  // namespace
}  // namespace marvel::vpn::n2n
