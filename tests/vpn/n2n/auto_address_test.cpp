#include "vpn/n2n/auto_address.hpp"

#include "vpn/support.hpp"

#include <set>

namespace marvel::vpn::n2n {
namespace {

const auto kFree = [](auto) { return false; };

// Recorded: a super node of n2n gave this one.
TEST_CASE("address and network are those that n2n chooses") {
  const auto subnet = auto_subnet(*community_of("testnet"), kFree);
  REQUIRE(subnet);
  CHECK(subnet->text() == "10.168.191.0/24");
  CHECK(auto_address(*subnet, description_of("vm"), kFree) == 0x0aa8bfbbU);
}

TEST_CASE("a network that is taken is passed by") {
  const Subnet first = *auto_subnet(*community_of("testnet"), kFree);
  const auto next =
      auto_subnet(*community_of("testnet"), [&](const Subnet& one) { return one == first; });
  REQUIRE(next);
  CHECK(next->text() == "10.168.190.0/24");
}

TEST_CASE("every address is given once, then none") {
  const Subnet subnet{0x0a080000, 28};
  std::set<Ipv4> taken;
  for (int count = 0; count < 14; ++count) {
    const auto address =
        auto_address(subnet, description_of("node"), [&](Ipv4 one) { return taken.contains(one); });
    REQUIRE(address);
    CHECK(subnet.is_host(*address));
    CHECK(taken.insert(*address).second);
  }
  CHECK_FALSE(auto_address(subnet, description_of("node"), [](Ipv4) { return true; }));
}

}  // namespace
}  // namespace marvel::vpn::n2n
