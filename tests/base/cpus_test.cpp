#include "base/cpus.hpp"

#include <thread>

#include <doctest/doctest.h>
#include <sched.h>

namespace marvel {

TEST_CASE("a control group's quota is rounded up to whole CPUs") {
  CHECK(cpus_of_quota("200000 100000\n") == 2);
  CHECK(cpus_of_quota("50000 100000") == 1);
  CHECK(cpus_of_quota("250001 100000") == 3);
}

TEST_CASE("what is no quota limits nothing") {
  for (const char* text : {"max 100000", "", "1", "0 100000", "1 0", "1 2 3", "-1 5", "a b"}) {
    CAPTURE(text);
    CHECK_FALSE(cpus_of_quota(text));
  }
}

TEST_CASE("a thread that may run on one CPU has one") {
  CHECK(usable_cpus() >= 1);
  int found = 0;
  std::thread pinned([&found] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(::sched_getcpu()), &one);
    REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
    found = usable_cpus();
  });
  pinned.join();
  CHECK(found == 1);
}

}  // namespace marvel
