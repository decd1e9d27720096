#include "deploy/kube/parallel.hpp"

#include <atomic>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::kube {

TEST_CASE("each index is worked on once") {
  const StopFlag stop;
  Access access;
  access.cluster.server = "http://127.0.0.1:1";
  const auto connection = Connection::open(access, {}, std::chrono::seconds(1), stop);
  for (const std::size_t count : {0U, 1U, 7U, 100U}) {
    std::vector<std::atomic<int>> times(count);
    in_parallel(*connection, count, [&times](Client&, std::size_t i) { ++times[i]; });
    for (const auto& one : times) {
      CHECK(one == 1);
    }
  }
}

}  // namespace marvel::kube
