#include "federate/strategy/history.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("equal norms have no variance, unequal ones do") {
  ClientHistory history;
  note_update_norm(history, 2);
  note_update_norm(history, 2);
  CHECK(*history.update_norm == 2);
  CHECK(*history.norm_variance == 0);
  note_update_norm(history, 3);
  CHECK(*history.update_norm == doctest::Approx(2.2));
  CHECK(*history.norm_variance == doctest::Approx(0.8 * 0.2));
}

TEST_CASE("a norm that is not finite does not spoil the mean") {
  ClientHistory history;
  note_update_norm(history, std::numeric_limits<double>::infinity());
  CHECK_FALSE(history.update_norm.has_value());
  note_update_norm(history, 2);
  note_update_norm(history, std::numeric_limits<double>::quiet_NaN());
  CHECK(*history.update_norm == 2);
}

}  // namespace marvel::federate
