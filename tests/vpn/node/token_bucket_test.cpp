#include "vpn/node/token_bucket.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("a bucket gives its burst at once and then its rate") {
  TokenBucket bucket(10, 5);
  int passed = 0;
  for (int at = 0; at < 20; ++at) {
    passed += bucket.take(seconds(1)) ? 1 : 0;
  }
  CHECK(passed == 5);
  CHECK_FALSE(bucket.take(seconds(1) + milliseconds(90)));
  CHECK(bucket.take(seconds(1) + milliseconds(110)));
  passed = 0;
  for (int ms = 2000; ms < 12000; ++ms) {
    passed += bucket.take(milliseconds(ms)) ? 1 : 0;
  }
  CHECK(passed >= 100);
  CHECK(passed <= 105);
}

}  // namespace marvel::vpn
