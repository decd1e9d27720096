#include "federate/client/size_report.hpp"

#include "federate/model_builder.hpp"

#include <cmath>

#include <doctest/doctest.h>

namespace marvel::federate {

using test_models::model_of;
using test_models::parameters_of;

TEST_CASE("the size of a change is its root mean square, and none between unlike models") {
  CHECK(*change_size(model_of({1, 2, 3, 4}), model_of({0, 2, 3, 6})) ==
        doctest::Approx(std::sqrt(5.0 / 4)));
  CHECK(*change_size({}, {}) == 0);
  CHECK_FALSE(change_size(model_of({1}), model_of({1, 2})).has_value());
  CHECK_FALSE(change_size(model_of({1}), {}).has_value());
}

TEST_CASE("a report is the update without its tensors") {
  const wire::FitResult update{{0, "Success"}, parameters_of(model_of({1})), 7, {{"loss", 0.5}}};
  const auto report = size_report(update);
  CHECK(report.parameters.tensors.empty());
  CHECK(report.num_examples == 7);
  CHECK(report.metrics == update.metrics);
  CHECK(wants_size({{kReportSetting, std::string("norm")}}));
  CHECK_FALSE(wants_size({{kReportSetting, std::string("other")}}));
  CHECK_FALSE(wants_size({}));
}

}  // namespace marvel::federate
