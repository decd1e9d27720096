#include "vpn/io/icmp_ping.hpp"

#include "vpn/support.hpp"

#include <netinet/in.h>

namespace marvel::vpn {

TEST_CASE("this machine answers, and a place that nobody has does not") {
  auto here = IcmpPing::open(INADDR_LOOPBACK);
  if (!here) {
    MESSAGE("SKIPPED: this user may not send echo requests");
    return;
  }
  for (int at = 0; at < 3; ++at) {
    const auto trip = here->ask(seconds(2));
    REQUIRE(trip);
    CHECK(*trip > Duration{0});
  }
  // TEST-NET-1 (RFC 5737).
  if (auto nowhere = IcmpPing::open(0xc0000263)) {
    CHECK_FALSE(nowhere->ask(milliseconds(50)));
  }
}

}  // namespace marvel::vpn
