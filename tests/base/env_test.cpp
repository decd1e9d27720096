#include "base/env.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("the environment is read from the process's list") {
  const std::array<const char*, 4> entries{"A=1", "B=x=y", "broken", nullptr};
  const auto environment = Environment::from_process(entries.data());
  CHECK(environment.get("A") == "1");
  CHECK(environment.get("B") == "x=y");
  CHECK_FALSE(environment.get("broken").has_value());
}

TEST_CASE("an empty variable counts as unset") {
  const Environment environment{{"NO_COLOR", ""}};
  CHECK_FALSE(environment.get("NO_COLOR").has_value());
}

}  // namespace marvel
