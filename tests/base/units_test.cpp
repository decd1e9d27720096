#include "base/units.hpp"

#include <doctest/doctest.h>

namespace marvel {

using std::chrono::milliseconds;

TEST_CASE("sizes are read with binary and decimal units") {
  CHECK(parse_size("4096").value() == 4096);
  CHECK(parse_size("64MiB").value() == 64U << 20U);
  CHECK(parse_size("1.5 GiB").value() == 3U << 29U);
  CHECK(parse_size("2Ki").value() == 2048);
  CHECK(parse_size("500kB").value() == 500'000);
  CHECK(parse_size("0").value() == 0);
}

TEST_CASE("a text that is no size is refused and told what is") {
  for (const char* text : {"", "MiB", "-1", "64 mib", "1..5MB", "64MiBs", "1e30", "99999TiB000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text).has_value());
  }
  CHECK(parse_size("64XB").error().message == "'64XB' is not a size");
  CHECK_FALSE(parse_size("64XB").error().hint.empty());
}

TEST_CASE("a size beyond what 63 bits hold is refused") {
  CHECK_FALSE(parse_size("9000000TiB").has_value());
  CHECK(parse_size("1024TiB").value() == 1ULL << 50U);
}

TEST_CASE("durations need a unit") {
  CHECK(parse_duration("30s").value() == milliseconds(30'000));
  CHECK(parse_duration("1.5h").value() == milliseconds(5'400'000));
  CHECK(parse_duration("250 ms").value() == milliseconds(250));
  CHECK(parse_duration("2d").value() == std::chrono::hours(48));
  for (const char* text : {"30", "s", "-3s", "5 minutes", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

}  // namespace marvel
