#include "federate/transport/upload_pace.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

using namespace std::chrono_literals;

TEST_CASE(
    "an upload has ten minutes, or four times as long as the last one took, an hour at most") {
  UploadPace pace(30s);
  CHECK(pace.parts() == 20);
  pace.got_through(1s);
  CHECK(pace.parts() == 20);
  pace.got_through(5min);
  CHECK(pace.parts() == 40);
  pace.got_through(59min);
  CHECK(pace.parts() == 120);
  pace.got_through(10s);
  CHECK(pace.parts() == 20);
}

TEST_CASE("uploads of links that are all slow get through after some that were cut off") {
  UploadPace pace(30s);
  pace.was_cut_off();
  CHECK(pace.parts() == 40);
  for (int i = 0; i < 100; ++i) {
    pace.was_cut_off();
  }
  CHECK(pace.parts() == 120);
}

}  // namespace marvel::federate
