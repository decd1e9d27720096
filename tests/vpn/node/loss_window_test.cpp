#include "vpn/node/loss_window.hpp"

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("the share is of the probes so far, and of the last hundred") {
  LossWindow window;
  CHECK_FALSE(window.share());
  window.add(true);
  CHECK(window.share() == 0.0);
  window.add(false);
  CHECK(window.share() == 0.5);
  for (int at = 0; at < 98; ++at) {
    window.add(true);
  }
  CHECK(*window.share() == doctest::Approx(0.01));
  for (int at = 0; at < 100; ++at) {
    window.add(true);
  }
  CHECK(window.share() == 0.0);
  window.clear();
  CHECK_FALSE(window.share());
}

}  // namespace marvel::vpn
