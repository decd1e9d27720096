#include "deploy/scheduling/resources.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::scheduling {
namespace {

Resources requests(const char* spec) {
  const auto sum = pod_requests(nlohmann::json::parse(spec));
  REQUIRE(sum.has_value());
  return *sum;
}

}  // namespace

TEST_CASE("containers add up, and a limit stands in for a missing request") {
  CHECK(requests(R"({"containers":[
      {"resources":{"requests":{"cpu":"250m","memory":"64Mi"}}},
      {"resources":{"limits":{"cpu":1,"nvidia.com/gpu":"2"},"requests":{"cpu":"0.5"}}},
      {}]})") == Resources{{"cpu", 750}, {"memory", 64 << 20}, {"nvidia.com/gpu", 2}});
}

TEST_CASE("the largest init container counts when it is more than the sum") {
  CHECK(requests(R"({"containers":[{"resources":{"requests":{"cpu":"1","memory":"10"}}}],
      "initContainers":[{"resources":{"requests":{"cpu":"3"}}},
                        {"resources":{"requests":{"cpu":"2","memory":"5"}}}]})") ==
        Resources{{"cpu", 3000}, {"memory", 10}});
}

TEST_CASE("sidecars run beside containers and later init containers") {
  // The first init container runs alone, the second beside the sidecar: max(1+2, 2, 2+4).
  CHECK(requests(R"({"containers":[{"resources":{"requests":{"cpu":"1"}}}],
      "initContainers":[{"resources":{"requests":{"cpu":"2"}}},
        {"restartPolicy":"Always","resources":{"requests":{"cpu":"2"}}},
        {"resources":{"requests":{"cpu":"4"}}}]})") == Resources{{"cpu", 6000}});
}

TEST_CASE("overhead comes on top, and pod-level requests win") {
  CHECK(requests(R"({"overhead":{"cpu":"100m"},"resources":{"requests":{"cpu":"5"}},
      "containers":[{"resources":{"requests":{"cpu":"1","memory":"7"}}}]})") ==
        Resources{{"cpu", 5100}, {"memory", 7}});
}

TEST_CASE("what is no quantity names its resource") {
  const auto sum = pod_requests(
      nlohmann::json::parse(R"({"containers":[{"resources":{"requests":{"memory":"lots"}}}]})"));
  REQUIRE_FALSE(sum.has_value());
  CHECK(describe(sum.error()).find("resource memory: 'lots'") == 0);
}

TEST_CASE("sums saturate") {
  Resources sum{{"memory", INT64_MAX}};
  add(sum, {{"memory", 1}});
  CHECK(sum["memory"] == INT64_MAX);
  raise_to(sum, {{"cpu", 2}});
  CHECK(sum["cpu"] == 2);
}

}  // namespace marvel::scheduling
