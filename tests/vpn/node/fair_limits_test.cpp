#include "vpn/node/fair_limits.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("who asks too much is refused, and the others are not") {
  FairLimits<int> limits(10, 20, 100);
  int greedy = 0;
  for (int ms = 0; ms < 10'000; ++ms) {
    greedy += limits.take(milliseconds(ms), 1) ? 1 : 0;
    if (ms % 200 == 0) {
      CHECK(limits.take(milliseconds(ms), 2));
    }
  }
  CHECK(greedy <= 20 + 100);
  CHECK(greedy >= 110);
}

TEST_CASE("those who have not asked for a while are forgotten, and so many are known at most") {
  FairLimits<int> limits(10, 20, 100);
  for (int who = 0; who < 200; ++who) {
    CHECK(limits.take(seconds(1), who) == (who < 100));
  }
  limits.sweep(seconds(2));
  CHECK(limits.size() == 100);
  limits.sweep(seconds(4));
  CHECK(limits.size() == 0);
  CHECK(limits.take(seconds(4), 150));
}

TEST_CASE("an IPv6 machine counts by its network") {
  Endpoint one{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 7, 1}, 5};
  Endpoint two = one;
  two.address[15] = 9;
  two.port = 6;
  CHECK(source_of(one) == source_of(two));
  two.address[7] = 8;
  CHECK(source_of(one) != source_of(two));
  CHECK(source_of(Endpoint::from_ipv4(1, 1)) != source_of(Endpoint::from_ipv4(2, 1)));
}

}  // namespace marvel::vpn
