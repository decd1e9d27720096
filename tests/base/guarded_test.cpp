#include "base/guarded.hpp"

#include <stdexcept>

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("what the work answers is passed on, good or bad") {
  CHECK(guarded("", []() -> Result<int> { return 7; }).value() == 7);
  const auto refused =
      guarded("", []() -> Result<int> { return fail(Errc::kConflict, "held", "wait"); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kConflict);
}

TEST_CASE(
    "what is thrown becomes an error: the first line alone, and a way out where memory ends") {
  const auto broken =
      guarded("", []() -> Result<int> { throw std::runtime_error("no such layer\nframe #0"); });
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::kInternal);
  CHECK(broken.error().message == "no such layer");
  const auto full = guarded("use a smaller batch", []() -> Status { throw std::bad_alloc(); });
  REQUIRE_FALSE(full);
  CHECK(full.error().code == Errc::kUnavailable);
  CHECK(full.error().hint == "use a smaller batch");
}

}  // namespace marvel
