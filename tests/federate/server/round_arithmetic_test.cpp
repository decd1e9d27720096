#include "federate/server/round_arithmetic.hpp"

#include "federate/client/size_report.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("a share is rounded up, but not by a rounding error") {
  CHECK(share_of(5, 0.8) == 4);
  CHECK(share_of(3, 0.8) == 3);
  CHECK(share_of(10, 1.1) == 11);
  CHECK(share_of(0, 1) == 0);
}

TEST_CASE("only finite real numbers are measured values") {
  const wire::Config metrics{
      {"loss", 0.5}, {"nan", std::nan("")}, {"count", std::int64_t{3}}, {"text", std::string("1")}};
  CHECK(real_metric(metrics, "loss") == 0.5);
  for (const char* name : {"nan", "count", "text", "missing"}) {
    CHECK_FALSE(real_metric(metrics, name).has_value());
  }
}

TEST_CASE("an answer without tensors tells a size only if the size is there") {
  wire::FitResult result;
  CHECK_FALSE(tells_size(result));
  result.metrics[kNormMetric] = 0.5;
  CHECK(tells_size(result));
  result.parameters.tensors.push_back(Bytes::from("x"));
  CHECK_FALSE(tells_size(result));
  CHECK(parameter_bytes(result.parameters) == 1);
}

}  // namespace marvel::federate
