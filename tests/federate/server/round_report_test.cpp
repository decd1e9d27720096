#include "federate/server/round_report.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("fates are counted and have names") {
  RoundReport report;
  report.clients.resize(3);
  report.clients[1].fate = Fate::kLate;
  CHECK(report.count(Fate::kAsked) == 2);
  CHECK(report.count(Fate::kLate) == 1);
  CHECK(fate_name(Fate::kAsked) == "asked");
  CHECK(fate_name(Fate::kLate) == "late");
  CHECK(fate_name(Fate::kReported) == "reported");
}

}  // namespace marvel::federate
