#include "net/metrics_text.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace marvel::net {

TEST_CASE("a counter has its help, its type and its value") {
  CHECK(metric_total("marvel_rounds_total", "Rounds.", 3) ==
        "# HELP marvel_rounds_total Rounds.\n# TYPE marvel_rounds_total counter\n"
        "marvel_rounds_total 3\n");
}

TEST_CASE("a name from outside cannot leave its label") {
  const std::string label = metric_label("client", "a\"} 1\nfake\\");
  CHECK(label == "client=\"a\\\"} 1 fake\\\\\"");
  CHECK(metric_line("m", label + "," + metric_label("b", "c"), std::uint64_t{7}) ==
        "m{" + label + ",b=\"c\"} 7\n");
}

TEST_CASE("a label is text of UTF-8, whatever bytes a name has") {
  CHECK(metric_label("edge", "\x1b[2J\xff\xc3\xa9\r") == "edge=\" [2J\xef\xbf\xbd\xc3\xa9 \"");
  CHECK(metric_label("edge", "") == "edge=\"\"");
}

TEST_CASE("numbers are written so that Prometheus reads the same ones") {
  CHECK(metric_line("m", "", 0.1) == "m 0.1\n");
  CHECK(metric_line("m", "", 1e-5) == "m 1e-05\n");
  CHECK(metric_line("m", "", std::numeric_limits<double>::infinity()) == "m +Inf\n");
  CHECK(metric_line("m", "", -std::numeric_limits<double>::infinity()) == "m -Inf\n");
  CHECK(metric_line("m", "", std::numeric_limits<double>::quiet_NaN()) == "m NaN\n");
}

}  // namespace marvel::net
