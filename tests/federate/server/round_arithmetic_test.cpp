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

TEST_CASE("an evaluation that nobody can have made is told from one that somebody has") {
  const auto said = [](float loss, std::int64_t examples, double accuracy) {
    return check_evaluation({{}, loss, examples, {{"accuracy", accuracy}}}).has_value();
  };
  CHECK(said(0.5F, 1, 0));
  CHECK(said(-3, 1'000'000'000'000'000, 1));
  CHECK(check_evaluation({{}, 1, 5, {}}).has_value());
  CHECK_FALSE(said(0.5F, 1'000'000'000'000'001, 1));
  CHECK_FALSE(said(0.5F, -1, 1));
  CHECK_FALSE(said(std::nanf(""), 1, 1));
  CHECK_FALSE(said(HUGE_VALF, 1, 1));
  for (const double accuracy : {-0.1, 1.1, 1e9, std::nan("")}) {
    CHECK_FALSE(said(0.5F, 1, accuracy));
  }
}

TEST_CASE("metrics of a training that make no sense are named") {
  CHECK(odd_metrics({{"loss", 0.5}, {"accuracy", 1.0}, {"other", std::nan("")}}).empty());
  const wire::Config odd{{"loss", std::nan("")}, {"accuracy", 97.0}, {"validation_accuracy", -1.0}};
  CHECK(odd_metrics(odd) == std::vector<std::string>{"accuracy", "validation_accuracy", "loss"});
  CHECK_FALSE(share_metric(odd, "accuracy").has_value());
  CHECK(share_metric({{"accuracy", 0.25}}, "accuracy") == 0.25);
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
