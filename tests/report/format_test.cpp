#include "report/format.hpp"

#include <doctest/doctest.h>

namespace marvel::report {

TEST_CASE("sizes, counts, shares and times read as people write them") {
  CHECK(bytes(187) == "187 B");
  CHECK(bytes(41'880) == "40.9 KiB");
  CHECK(bytes(1'066'440) == "1.02 MiB");
  CHECK(count(7) == "7");
  CHECK(count(266'610) == "266,610");
  CHECK(count(1'234'567) == "1,234,567");
  CHECK(percent(1.005) == "1.00 %");
  CHECK(percent(-1) == "-");
  CHECK(duration(0.42) == "0.4 s");
  CHECK(duration(59.4) == "59 s");
  CHECK(duration(185) == "3 min 05 s");
  CHECK(duration(7380) == "2 h 03 min");
  CHECK(microseconds(24.31) == "24.3 µs");
  CHECK(microseconds(0) == "-");
  CHECK(change(200, 50) == "-75.0 %");
  CHECK(change(0, 50) == "-");
}

TEST_CASE("width counts characters, not bytes") {
  CHECK(display_width("µs") == 2);
  CHECK(display_width("") == 0);
}

}  // namespace marvel::report
