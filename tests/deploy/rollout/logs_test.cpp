#include "deploy/rollout/logs.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

json container(const std::string& name, const std::string& state, int restarts) {
  return {{"name", name}, {"state", {{state, json::object()}}}, {"restartCount", restarts}};
}

Pods one_pod() {
  return {{{"metadata", {{"name", "web-x"}, {"namespace", "grn"}, {"uid", "1"}}},
           {"status",
            {{"initContainerStatuses", {container("setup", "terminated", 0)}},
             {"containerStatuses",
              {container("web", "running", 0), container("side", "waiting", 2),
               container("late", "waiting", 0)}}}}}};
}

std::vector<std::string> names(const std::vector<LogSource>& sources) {
  std::vector<std::string> all;
  for (const auto& source : sources) {
    all.push_back(source.text());
  }
  return all;
}

}  // namespace

TEST_CASE("containers that have run have logs") {
  CHECK(names(log_sources(one_pod(), {})) ==
        std::vector<std::string>{"web-x/setup", "web-x/web", "web-x/side"});
}

TEST_CASE("one container can be chosen") {
  LogRules rules;
  rules.container = "web";
  CHECK(names(log_sources(one_pod(), rules)) == std::vector<std::string>{"web-x/web"});
}

TEST_CASE("only containers that were started again have a run before") {
  LogRules rules;
  rules.previous = true;
  CHECK(names(log_sources(one_pod(), rules)) == std::vector<std::string>{"web-x/side"});
}

TEST_CASE("each start of a container is a source of its own") {
  const LogSource first{"grn", "web-x", "1", "web", 0};
  LogSource second = first;
  second.restarts = 1;
  CHECK((first < second));
  CHECK_FALSE((first < first));
}

}  // namespace marvel::rollout
