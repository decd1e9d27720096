#include "deploy/rollout/wait.hpp"

#include "deploy/rollout/fake_cluster.hpp"
#include "deploy/rollout/history.hpp"
#include "support/fakes.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kApps = "/apis/apps/v1/namespaces/edge/";
const std::string kCore = "/api/v1/namespaces/edge/";

Inventory web() {
  Inventory inventory = *new_inventory("web", "edge", "");
  inventory.kinds = {"DaemonSet.apps", "Deployment.apps", "Job.batch", "PersistentVolumeClaim",
                     "StatefulSet.apps"};
  return inventory;
}

json object(const std::string& name, const std::string& owner) {
  return {{"metadata",
           {{"name", name},
            {"uid", name},
            {"namespace", "edge"},
            {"generation", 2},
            {"labels", {{kPartOfLabel, web().id}, {"app", "web"}}},
            {"ownerReferences", {{{"uid", owner}, {"controller", true}}}}}}};
}

json pod(const std::string& name, const std::string& owner) {
  json one = object(name, owner);
  one["metadata"]["labels"].erase(kPartOfLabel);
  return one;
}

json crash(const std::string& container) {
  return {{"name", container}, {"state", {{"waiting", {{"reason", "CrashLoopBackOff"}}}}}};
}

ServiceState state_of(FakeCluster& cluster, const Inventory& inventory = web()) {
  kube::Client client(cluster.connect());
  kube::Discovery discovery(client);
  const auto state = read_state(client, discovery, inventory, {});
  REQUIRE(state.has_value());
  return *state;
}

Result<ServiceState> waited(FakeCluster& cluster, std::chrono::milliseconds limit) {
  test::TestContext context;
  return wait_for(cluster.connect(), web(), {}, limit, context.context);
}

const std::string kParent = kCore + "secrets/marvel-web";

// One DaemonSet that runs.
void put_ready(FakeCluster& cluster) {
  json set = object("data", "");
  set["spec"]["template"]["spec"]["containers"] =
      json::array({{{"name", "c"}, {"readinessProbe", {{"periodSeconds", 1}}}}});
  set["status"]["observedGeneration"] = 2;
  cluster.put(kApps + "daemonsets/data", set);
}

// A Deployment in the middle of a change: a pod of the old ReplicaSet crashes, the new one starts.
void begin_change(FakeCluster& cluster, int observed) {
  json deployment = object("web", "");
  deployment["spec"]["selector"]["matchLabels"]["app"] = "web";
  deployment["status"]["observedGeneration"] = observed;
  cluster.put(kApps + "deployments/web", deployment);
  for (const char* revision : {"1", "2"}) {
    json set = pod("set-" + std::string(revision), "web");
    set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = revision;
    cluster.put(kApps + "replicasets/set-" + revision, set);
  }
  json old = pod("old", "set-1");
  old["status"]["containerStatuses"] = json::array({crash("c")});
  cluster.put(kCore + "pods/old", old);
  cluster.put(kCore + "pods/new", pod("new", "set-2"));
}

}  // namespace

TEST_CASE("pods of the revision before are no trouble of the new one") {
  FakeCluster cluster;
  begin_change(cluster, 2);
  CHECK(state_of(cluster).members[0].troubles.empty());
  CHECK_FALSE(state_of(cluster).failed());
  json fresh = pod("new", "set-2");
  fresh["status"]["containerStatuses"] = json::array({crash("c")});
  cluster.put(kCore + "pods/new", fresh);
  const ServiceState state = state_of(cluster);
  REQUIRE(state.members[0].troubles.size() == 1);
  CHECK(state.members[0].troubles[0].pod == "edge/new");
}

TEST_CASE("until the controller has seen a change no pod is judged by it") {
  FakeCluster cluster;
  begin_change(cluster, 1);
  cluster.remove(kApps + "replicasets/set-2");
  CHECK_FALSE(state_of(cluster).failed());
}

TEST_CASE("a crash is told with the last words, also of a container that prepares the pod") {
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    FakeCluster cluster;
    begin_change(cluster, 2);
    json fresh = pod("new", "set-2");
    fresh["status"][list] = json::array({crash("it")});
    cluster.put(kCore + "pods/new", fresh);
    const ServiceState state = state_of(cluster);
    REQUIRE(state.members[0].troubles.size() == 1);
    CHECK(state.members[0].troubles[0].log ==
          std::vector<std::string>{"the last words of it, the run before"});
  }
}

TEST_CASE("an old pod that holds up a StatefulSet is named, with what to do") {
  FakeCluster cluster;
  json set = object("data", "");
  set["status"] = {{"observedGeneration", 2}, {"currentRevision", "1"}, {"updateRevision", "2"}};
  cluster.put(kApps + "statefulsets/data", set);
  cluster.put(kCore + "pods/data-0", pod("data-0", "data"));
  const ServiceState waiting = state_of(cluster);
  CHECK_FALSE(waiting.failed());
  CHECK(waiting.members[0].readiness.reason.find("waits for pod edge/data-0 of the old revision") !=
        std::string::npos);
  json broken = pod("data-0", "data");
  broken["status"]["containerStatuses"] = json::array({crash("c")});
  broken["spec"]["containers"] = json::array({{{"name", "c"}}});
  cluster.put(kCore + "pods/data-0", broken);
  CHECK_FALSE(state_of(cluster).failed());  // it is ready for a moment at each start
  CHECK(state_of(cluster).members[0].readiness.reason.find("CrashLoopBackOff") !=
        std::string::npos);
  broken["spec"]["containers"][0]["readinessProbe"] = {{"periodSeconds", 1}};
  cluster.put(kCore + "pods/data-0", broken);
  const ServiceState stuck = state_of(cluster);
  CHECK(stuck.failed());
  REQUIRE(stuck.members[0].troubles.size() == 1);
  CHECK(stuck.members[0].troubles[0].pod == "edge/data-0");
  CHECK(stuck.members[0].troubles[0].cause.find("CrashLoopBackOff") != std::string::npos);
  CHECK(stuck.members[0].troubles[0].cause.find("delete the pod") != std::string::npos);
}

TEST_CASE("of a pod of an old revision no last words are shown") {
  FakeCluster cluster;
  json set = object("data", "");
  set["status"] = {{"observedGeneration", 2}, {"currentRevision", "1"}, {"updateRevision", "2"}};
  cluster.put(kApps + "statefulsets/data", set);
  json broken = pod("data-0", "data");
  broken["status"]["containerStatuses"] = json::array({crash("c")});
  broken["spec"]["containers"] =
      json::array({{{"name", "c"}, {"readinessProbe", {{"periodSeconds", 1}}}}});
  cluster.put(kCore + "pods/data-0", broken);
  const ServiceState state = state_of(cluster);
  REQUIRE(state.members[0].troubles.size() == 1);
  CHECK(state.members[0].troubles[0].log.empty());
}

TEST_CASE("what was wanted and is gone is missing, whichever run wanted it") {
  FakeCluster cluster;
  put_ready(cluster);
  Inventory inventory = web();
  CHECK(state_of(cluster, inventory).ready());
  inventory.wanted = {{"apps/v1", "DaemonSet", "edge", "data"},
                      {"apps/v1", "Deployment", "edge", "web"}};
  for (const bool unfinished : {false, true}) {
    inventory.unfinished = unfinished;
    const ServiceState state = state_of(cluster, inventory);
    CHECK_FALSE(state.ready());
    CHECK(state.failed());
    REQUIRE(state.members.size() == 2);
    CHECK(state.members[0].readiness.state == State::kReady);
    CHECK(state.members[1].readiness.state == State::kMissing);
    CHECK(state.members[1].ref.text() == "Deployment edge/web");
  }
}

TEST_CASE("an inventory of an older program takes what was wanted from the revision that runs") {
  FakeCluster cluster;
  put_ready(cluster);
  Inventory inventory = web();
  inventory.revision = 3;
  CHECK(state_of(cluster, inventory).ready());  // not kept: nobody knows
  deploy::Object gone(json{{"apiVersion", "apps/v1"},
                           {"kind", "Deployment"},
                           {"metadata", {{"name", "web"}, {"namespace", "edge"}}}});
  gone.set_hidden({{".spec.x", "********"}});
  cluster.put(kParent + ".v3", revision_object(inventory, {3, "", "apply", "", false, {gone}}));
  const ServiceState state = state_of(cluster, inventory);
  CHECK_FALSE(state.ready());
  CHECK(state.members[1].readiness.state == State::kMissing);
  CHECK(state.inventory.hidden.contains("Deployment edge/web"));
  inventory.unfinished = true;
  CHECK_FALSE(state_of(cluster, inventory).inventory.wanted.has_value());
}

TEST_CASE("a service that is being changed is not ready until the run has come to its end") {
  FakeCluster cluster;
  put_ready(cluster);
  Inventory inventory = web();
  inventory.unfinished = true;
  CHECK_FALSE(state_of(cluster, inventory).ready());
  cluster.put(kParent, parent_object(inventory));
  const std::string lease = "/apis/coordination.k8s.io/v1/namespaces/edge/leases/marvel-web";
  cluster.put(lease, {{"spec",
                       {{"holderIdentity", "another"},
                        {"leaseDurationSeconds", 30},
                        {"renewTime", cluster.time_text("%Y-%m-%dT%H:%M:%S.000000Z")}}}});
  const auto changing = waited(cluster, std::chrono::milliseconds(300));
  REQUIRE(changing.has_value());
  CHECK_FALSE(changing->ready());
  int looks = 0;
  cluster.before = [&](const std::string&, const std::string& path) {
    if (path == kParent && ++looks == 3) {
      inventory.unfinished = false;
      cluster.put(kParent, parent_object(inventory));
    }
  };
  const auto settled = waited(cluster, std::chrono::seconds(20));
  REQUIRE(settled.has_value());
  CHECK(settled->ready());
  cluster.remove(kParent);
  CHECK(waited(cluster, std::chrono::seconds(20)).error().reason == "not_found");
}

TEST_CASE("nobody waits for a run that has ended without an end") {
  FakeCluster cluster;
  put_ready(cluster);
  Inventory inventory = web();
  inventory.unfinished = true;
  cluster.put(kParent, parent_object(inventory));
  const auto begun = std::chrono::steady_clock::now();
  const auto state = waited(cluster, std::chrono::seconds(60));
  REQUIRE(state.has_value());
  CHECK_FALSE(state->ready());
  CHECK(state->inventory.unfinished);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
}

TEST_CASE("how long a pod waits for a node is told by the server's clock") {
  for (const int ahead : {-3600, 3600}) {
    FakeCluster cluster;
    cluster.ahead = ahead;
    begin_change(cluster, 2);
    json waiting = pod("new", "set-2");
    waiting["metadata"]["creationTimestamp"] = cluster.time_text();
    waiting["status"]["conditions"] = {
        {{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}}};
    cluster.put(kCore + "pods/new", waiting);
    CHECK_FALSE(state_of(cluster).failed());
    cluster.ahead += 20;
    CHECK(state_of(cluster).failed());
  }
}

TEST_CASE("what no status tells is read from the events of the object") {
  FakeCluster cluster;
  json job = object("once", "");
  job["status"]["startTime"] = "2026-01-01T00:00:00Z";
  cluster.put("/apis/batch/v1/namespaces/edge/jobs/once", job);
  for (const char* owner : {"once", "another"}) {
    cluster.put(kCore + "events/of-" + owner,
                {{"metadata", {{"name", owner}}},
                 {"involvedObject", {{"uid", owner}}},
                 {"reason", "FailedCreate"},
                 {"message", "is forbidden: no room for " + std::string(owner)}});
  }
  const ServiceState state = state_of(cluster);
  CHECK(state.failed());
  CHECK(state.members[0].readiness.reason == "FailedCreate: is forbidden: no room for once");
}

}  // namespace marvel::rollout
