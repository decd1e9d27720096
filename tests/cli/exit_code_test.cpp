#include "cli/exit_code.hpp"

#include <csignal>

#include <doctest/doctest.h>

namespace marvel::cli {

TEST_CASE("the caller's faults are 2, the world's 3 and ours 4") {
  for (const Errc code : {Errc::kUsage, Errc::kInput, Errc::kUnsupported}) {
    CHECK(exit_code(code) == 2);
  }
  for (const Errc code : {Errc::kNotFound, Errc::kDenied, Errc::kUnavailable, Errc::kTimeout,
                          Errc::kConflict, Errc::kFailed}) {
    CHECK(exit_code(code) == 3);
  }
  CHECK(exit_code(Errc::kInternal) == 4);
}

TEST_CASE("a signal ends as shells expect it") {
  CHECK(exit_code_of_signal(SIGINT) == 130);
  CHECK(exit_code_of_signal(SIGTERM) == 143);
}

}  // namespace marvel::cli
