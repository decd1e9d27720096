#include "report/table.hpp"

#include <doctest/doctest.h>

namespace marvel::report {

TEST_CASE("columns line up, numbers to the right, without trailing blanks") {
  Table table({"", "dense", "small"});
  table.row({"latency", "9.0 µs", "1.0 µs"});
  table.row({"MACs", "266,200"});
  CHECK(table.text() ==
        "           dense   small\n"
        "------------------------\n"
        "latency   9.0 µs  1.0 µs\n"
        "MACs     266,200\n");
}

}  // namespace marvel::report
