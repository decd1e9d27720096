#include "deploy/kube/server_clock.hpp"

#include <ctime>

#include <doctest/doctest.h>

namespace marvel::kube {

TEST_CASE("HTTP dates are read strictly") {
  CHECK(seconds_of_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  CHECK(seconds_of_date("Thu, 01 Jan 1970 00:00:01 GMT") == 1);
  CHECK(seconds_of_date("Thu, 29 Feb 2024 12:00:00 GMT") == 1709208000);
  for (const char* other : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37",
                            "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 anF 1994 08:49:37 GMT",
                            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 N 1994 08:49:37 GMT"}) {
    CHECK_FALSE(seconds_of_date(other));
  }
}

TEST_CASE("the server's clock is the local one until an answer tells it") {
  ServerClock clock;
  clock.learn("no date");
  CHECK(clock.now() >= std::time(nullptr) - 1);
  clock.learn("Sun, 06 Nov 1994 08:49:37 GMT");
  clock.learn("");
  CHECK(clock.now() >= 784111777);
  CHECK(clock.now() < 784111777 + 60);
}

}  // namespace marvel::kube
