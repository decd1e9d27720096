#include "deploy/rollout/logs.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <algorithm>
#include <thread>

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

using test::FakeCluster;

const std::string kPod = "/api/v1/namespaces/edge/pods/web";

Inventory web() {
  Inventory inventory = *new_inventory("web", "edge", "");
  inventory.kinds = {"Pod"};
  return inventory;
}

void put_pod(FakeCluster& cluster, const std::vector<json>& containers) {
  cluster.put(kPod, {{"apiVersion", "v1"},
                     {"kind", "Pod"},
                     {"metadata",
                      {{"name", "web"},
                       {"namespace", "edge"},
                       {"uid", "1"},
                       {"labels", {{kPartOfLabel, web().id}}}}},
                     {"status", {{"containerStatuses", containers}}}});
}

// The requests for logs.
std::vector<std::string> log_requests(FakeCluster& cluster) {
  auto all = cluster.requests();
  std::erase_if(all, [](const std::string& line) {
    return line.find("/pods/web/log?") == std::string::npos;
  });
  return all;
}

}  // namespace

TEST_CASE("a log that does not come is a failure, and the next one is read all the same") {
  FakeCluster cluster;
  put_pod(cluster, {container("dumb", "running", 0), container("web", "running", 0)});
  cluster.before = [&cluster](const std::string&, const std::string& path) {
    if (path == kPod + "/log" && log_requests(cluster).size() == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(3500));
    }
  };
  std::vector<std::string> lines;
  const Status status = read_logs(cluster.connect(std::chrono::milliseconds(3000)), web(), {},
                                  [&lines](const LogSource&, bool, std::string_view line) {
                                    lines.emplace_back(line);
                                    return Status();
                                  });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kTimeout);
  CHECK(lines == std::vector<std::string>{"the last words of web"});
}

TEST_CASE("a followed log that ends while its container runs is followed further") {
  FakeCluster cluster;
  put_pod(cluster, {container("web", "running", 0)});
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  cluster.on_watch = [&](const std::string&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (std::chrono::steady_clock::now() > limit) {
      cluster.interrupt();
    }
    return std::string();
  };
  LogRules rules;
  rules.follow = true;
  rules.tail = 5;
  int lines = 0;
  const Status status = read_logs(cluster.connect(), web(), rules,
                                  [&lines](const LogSource&, bool, std::string_view) -> Status {
                                    return ++lines == 2 ? fail(Errc::kInput, "enough") : Status();
                                  });
  REQUIRE_FALSE(status.has_value());
  const auto requests = log_requests(cluster);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].find("tailLines=5") != std::string::npos);
  CHECK(requests[1].find("tailLines") == std::string::npos);
  CHECK(requests[1].find("sinceSeconds=") != std::string::npos);
}

TEST_CASE("a followed log ends with its container, and with its run") {
  for (const json& next : {container("web", "terminated", 0), container("web", "running", 1)}) {
    FakeCluster cluster;
    put_pod(cluster, {container("web", "running", 0)});
    bool changed = false;
    cluster.before = [&](const std::string&, const std::string& path) {
      if (path == kPod + "/log") {
        changed = true;
        put_pod(cluster, {next});
      }
    };
    const auto begun = std::chrono::steady_clock::now();
    cluster.on_watch = [&](const std::string&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      if (std::chrono::steady_clock::now() > begun + std::chrono::seconds(2)) {
        cluster.interrupt();
      }
      return std::string();
    };
    LogRules rules;
    rules.follow = true;
    CHECK(read_logs(cluster.connect(), web(), rules, [](const LogSource&, bool, std::string_view) {
            return Status();
          }).has_value());
    CHECK(changed);
    CHECK(log_requests(cluster).size() == 1);
  }
}

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
