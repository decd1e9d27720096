#include "deploy/rollout/apply.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kMap = "/api/v1/namespaces/edge/configmaps/settings";
const std::string kDeployment = "/apis/apps/v1/namespaces/edge/deployments/web";
const std::string kLease = "/apis/coordination.k8s.io/v1/namespaces/edge/leases/marvel-web";

json object(const std::string& version, const std::string& kind, const std::string& name) {
  return {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
}

const json kSettings = object("v1", "ConfigMap", "settings");
const json kWeb = object("apps/v1", "Deployment", "web");

Result<ApplyReport> applied(FakeCluster& cluster, const std::vector<json>& bodies,
                            const ApplyOptions& options = {}, const std::string& name = "web") {
  std::vector<deploy::Object> objects;
  for (const auto& body : bodies) {
    objects.emplace_back(body);
  }
  return apply(cluster.connect(), name, "edge", objects, options,
               [](const auto&) { return Status(); });
}

Action action_of(const ApplyReport& report, const std::string& name) {
  for (const auto& result : report.objects) {
    if (result.ref.name == name) {
      return result.action;
    }
  }
  return Action::kNotTried;
}

// Which of two writes came first.
bool in_order(FakeCluster& cluster, const std::string& first, const std::string& second) {
  const auto writes = cluster.writes();
  const auto place = [&writes](const std::string& begin) {
    return std::find_if(writes.begin(), writes.end(),
                        [&begin](const std::string& line) { return line.rfind(begin, 0) == 0; }) -
           writes.begin();
  };
  return place(first) < place(second) && place(second) < std::ssize(writes);
}

Inventory inventory(FakeCluster& cluster) {
  return inventory_from(cluster.get("/api/v1/namespaces/edge/secrets/marvel-web")).value();
}

const std::string kParent = "PATCH /api/v1/namespaces/edge/secrets/marvel-web";

}  // namespace

TEST_CASE("a run that slept through its lease writes nothing more") {
  FakeCluster cluster;
  cluster.before = [&cluster](const std::string& method, const std::string& path) {
    if (method == "PATCH" && path == kMap) {
      json lease = cluster.get(kLease);
      lease["spec"]["holderIdentity"] = "another run";
      cluster.put(kLease, lease);
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
    }
  };
  ApplyOptions options;
  options.lease.duration = std::chrono::seconds(1);
  const auto report = applied(cluster, {kSettings, kWeb}, options);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Errc::kConflict);
  CHECK(report.error().message.find("another run") != std::string::npos);
  CHECK(cluster.get(kDeployment).is_null());
  CHECK(cluster.get(kLease)["spec"]["holderIdentity"] == "another run");
}

TEST_CASE("an object of another service is refused, and nothing is written") {
  FakeCluster cluster;
  REQUIRE(applied(cluster, {kSettings}, {}, "first"));
  const json before = cluster.get(kMap);
  for (const DryRun dry_run : {DryRun::kNone, DryRun::kServer, DryRun::kClient}) {
    ApplyOptions options;
    options.dry_run = dry_run;
    const auto report = applied(cluster, {kSettings, kWeb}, options, "second");
    REQUIRE(report.has_value());
    CHECK(action_of(*report, "settings") == Action::kFailed);
    CHECK(action_of(*report, "web") == Action::kNotTried);
    CHECK(report->objects[0].error->message.find("belongs to service first of namespace edge") !=
          std::string::npos);
  }
  CHECK(cluster.get(kMap) == before);
  CHECK(cluster.get("/api/v1/namespaces/edge/secrets/marvel-second").is_null());
}

TEST_CASE("a service stays what it was made from unless it is replaced") {
  const std::vector<std::string> origins{"kafka", "minio", ""};
  for (const auto& first : origins) {
    for (const auto& second : origins) {
      FakeCluster cluster;
      ApplyOptions options;
      options.origin = first;
      REQUIRE(applied(cluster, {kSettings}, options));
      options.origin = second;
      const auto report = applied(cluster, {kWeb}, options);
      CHECK(report.has_value() == (first == second));
      CHECK(cluster.get(kMap).is_null() == (first == second));
      options.replace = true;
      const auto replaced = applied(cluster, {kWeb}, options);
      REQUIRE(replaced.has_value());
      CHECK(cluster.get(kMap).is_null());
      CHECK(replaced->inventory.origin == second);
      options.replace = false;
      CHECK(applied(cluster, {kWeb}, options).has_value());
    }
  }
}

TEST_CASE("a service that is replaced by equal objects has its new origin") {
  FakeCluster cluster;
  REQUIRE(applied(cluster, {kSettings}));
  ApplyOptions options;
  options.origin = "kafka";
  options.replace = true;
  REQUIRE(applied(cluster, {kSettings}, options));
  options.replace = false;
  CHECK(applied(cluster, {kSettings}, options).has_value());
}

TEST_CASE("an object of nobody is taken in") {
  FakeCluster cluster;
  cluster.put(kMap, kSettings);
  const auto report = applied(cluster, {kSettings});
  REQUIRE(report.has_value());
  CHECK(action_of(*report, "settings") == Action::kConfigured);
}

TEST_CASE("what another run promised while this one waited is known to this one") {
  FakeCluster cluster;
  const std::string job = "/apis/batch/v1/namespaces/edge/jobs/once";
  REQUIRE(applied(cluster, {kSettings}));
  bool done = false;
  cluster.before = [&](const std::string& method, const std::string& path) {
    if (method == "POST" && path.find("/leases") != std::string::npos &&
        !std::exchange(done, true)) {
      // It applied a Job and failed: the revision is what it was.
      json parent = cluster.get("/api/v1/namespaces/edge/secrets/marvel-web");
      parent["metadata"]["annotations"][kKindsAnnotation] = "ConfigMap,Job.batch";
      cluster.put("/api/v1/namespaces/edge/secrets/marvel-web", parent);
      json once = object("batch/v1", "Job", "once");
      once["metadata"]["namespace"] = "edge";
      once["metadata"]["labels"][kPartOfLabel] = new_inventory("web", "edge", "")->id;
      cluster.put(job, once);
    }
  };
  const auto report = applied(cluster, {kSettings});
  REQUIRE(report.has_value());
  CHECK(action_of(*report, "once") == Action::kPruned);
  CHECK(cluster.get(job).is_null());
}

TEST_CASE("the inventory promises before anything of the service is made") {
  FakeCluster cluster;
  ApplyOptions options;
  options.singleton = true;
  options.origin = "only";
  REQUIRE(applied(cluster, {object("v1", "Namespace", "extra"), kSettings}, options));
  CHECK(in_order(cluster, kParent, "PATCH /api/v1/namespaces/extra"));
  CHECK(in_order(cluster, kParent, "POST /api/v1/namespaces/edge/configmaps"));
}

TEST_CASE("only the service's own namespace is made before its inventory") {
  FakeCluster cluster;
  cluster.remove("/api/v1/namespaces/edge");
  const auto report = applied(cluster, {object("v1", "Namespace", "edge"), kSettings});
  REQUIRE(report.has_value());
  CHECK(action_of(*report, "edge") == Action::kCreated);
  CHECK(action_of(*report, "settings") == Action::kCreated);
  CHECK(in_order(cluster, "PATCH /api/v1/namespaces/edge", kParent));
  const auto again = applied(cluster, {object("v1", "Namespace", "edge"), kSettings});
  REQUIRE(again.has_value());
  CHECK(action_of(*again, "edge") == Action::kUnchanged);
}

TEST_CASE("a singleton that loses the race takes its promise back") {
  FakeCluster cluster;
  ApplyOptions options;
  options.singleton = true;
  options.origin = "only";
  cluster.before = [&](const std::string& method, const std::string& path) {
    if (method == "POST" && path == "/api/v1/namespaces/edge/configmaps") {
      cluster.put("/api/v1/namespaces/edge/secrets/marvel-faster",
                  parent_object(*new_inventory("faster", "edge", "only")));
      json marker = object("v1", "ConfigMap", "marvel-singleton-only");
      marker["metadata"]["labels"] = {{kServiceLabel, "faster"}};
      cluster.put(path + "/marvel-singleton-only", marker);
    }
  };
  const auto report = applied(cluster, {kSettings}, options);
  REQUIRE(report.has_value());
  CHECK(report->running_as == "faster");
  CHECK(cluster.get(kMap).is_null());
  CHECK(cluster.get("/api/v1/namespaces/edge/secrets/marvel-web").is_null());
}

TEST_CASE("what is no singleton any more leaves no marker behind, and nobody is asked about it") {
  FakeCluster cluster;
  const std::string marker = "/api/v1/namespaces/edge/configmaps/marvel-singleton-only";
  ApplyOptions options;
  options.origin = "only";
  options.singleton = true;
  REQUIRE(applied(cluster, {kWeb}, options));
  CHECK_FALSE(cluster.get(marker).is_null());
  options.singleton = false;
  const auto report = apply(cluster.connect(), "web", "edge", {deploy::Object(kWeb)}, options,
                            [](const auto&) { return fail(Errc::kUsage, "nobody can be asked"); });
  REQUIRE(report.has_value());
  CHECK(cluster.get(marker).is_null());
}

TEST_CASE("a marker whose service is gone is taken over, and one whose service is there is not") {
  FakeCluster cluster;
  const std::string marker = "/api/v1/namespaces/edge/configmaps/marvel-singleton-only";
  ApplyOptions options;
  options.origin = "only";
  options.singleton = true;
  REQUIRE(applied(cluster, {kSettings}, options, "first"));
  const auto second = applied(cluster, {kWeb}, options, "second");
  REQUIRE(second.has_value());
  CHECK(second->running_as == "first");
  cluster.remove("/api/v1/namespaces/edge/secrets/marvel-first");
  const auto again = applied(cluster, {kWeb}, options, "second");
  REQUIRE(again.has_value());
  CHECK(again->running_as.empty());
  CHECK(action_of(*again, "web") == Action::kCreated);
  CHECK(cluster.get(marker)["metadata"]["labels"][kServiceLabel] == "second");
}

TEST_CASE("an object that moves to another group is not pruned as what it was") {
  FakeCluster cluster;
  const std::string path = "/apis/networking.k8s.io/v1/namespaces/edge/ingresses/way";
  REQUIRE(applied(cluster, {object("extensions/v1beta1", "Ingress", "way")}));
  for (int round = 0; round < 2; ++round) {
    const auto report = applied(cluster, {object("networking.k8s.io/v1", "Ingress", "way")});
    REQUIRE(report.has_value());
    CHECK(report->objects.size() == 1);
    CHECK_FALSE(cluster.get(path).is_null());
  }
  CHECK(inventory(cluster).kinds == std::vector<std::string>{"Ingress.networking.k8s.io"});
}

TEST_CASE("a lease that cannot be renewed for a moment ends the run: no object is left out") {
  FakeCluster cluster;
  std::vector<json> maps;  // one more than are sent at once
  for (int i = 0; i < 9; ++i) {
    maps.push_back(object("v1", "ConfigMap", "m" + std::to_string(i)));
  }
  bool slept = false;
  bool renewing = false;
  int refused = 0;
  cluster.before = [&](const std::string& method, const std::string& path) {
    renewing = method == "PUT" && path == kLease;
    if (method == "PATCH" && path.find("/configmaps/") != std::string::npos &&
        !std::exchange(slept, true)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(3100));
    }
  };
  // Renewed in the background, by three tries before the ninth object, and by the look after all.
  cluster.fail = [&](const std::string&) { return slept && renewing && ++refused <= 5 ? 503 : 0; };
  ApplyOptions options;
  options.lease.duration = std::chrono::seconds(3);
  const auto report = applied(cluster, maps, options);
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == Errc::kUnavailable);
  CHECK(inventory(cluster).revision == 0);
}

TEST_CASE("a member that is made anew before it is pruned stays, and so does the promise") {
  FakeCluster cluster;
  REQUIRE(applied(cluster, {kSettings, kWeb}));
  cluster.before = [&cluster](const std::string& method, const std::string& path) {
    if (method == "DELETE" && path == kMap) {
      cluster.make_anew(path);
    }
  };
  const auto report = applied(cluster, {kWeb});
  REQUIRE(report.has_value());
  CHECK(action_of(*report, "settings") == Action::kFailed);
  CHECK_FALSE(cluster.get(kMap).is_null());
  CHECK(inventory(cluster).kinds == std::vector<std::string>{"ConfigMap", "Deployment.apps"});
}

TEST_CASE("a run that does not come to its end is noted, until one does") {
  FakeCluster cluster;
  REQUIRE(applied(cluster, {kSettings}));
  CHECK_FALSE(inventory(cluster).unfinished);
  bool refuse = false;
  cluster.before = [&refuse](const std::string& method, const std::string& path) {
    refuse = method == "PATCH" && path == kDeployment;
  };
  cluster.fail = [&refuse](const std::string&) { return refuse ? 403 : 0; };
  const auto failed = applied(cluster, {kSettings, kWeb});
  REQUIRE(failed.has_value());
  CHECK(failed->failed());
  CHECK(inventory(cluster).unfinished);
  CHECK(inventory(cluster).revision == 1);
  cluster.fail = nullptr;
  REQUIRE(applied(cluster, {kSettings}));
  CHECK_FALSE(inventory(cluster).unfinished);
}

TEST_CASE("a promise says what is wanted, and a run that failed keeps it") {
  FakeCluster cluster;
  REQUIRE(applied(cluster, {kSettings}));
  bool refuse = false;
  cluster.before = [&refuse](const std::string& method, const std::string& path) {
    refuse = method == "PATCH" && path == kDeployment;
  };
  cluster.fail = [&refuse](const std::string&) { return refuse ? 403 : 0; };
  deploy::Object web(kWeb);
  web.set_hidden({{".spec.x", "********"}});
  const auto failed =
      apply(cluster.connect(), "web", "edge", {web}, {}, [](const auto&) { return Status(); });
  REQUIRE(failed.has_value());
  REQUIRE(failed->failed());
  const Inventory noted = inventory(cluster);
  REQUIRE(noted.wanted.has_value());
  REQUIRE(noted.wanted->size() == 1);
  CHECK(noted.wanted->front().kind == "Deployment");
  CHECK(noted.hidden.contains("Deployment edge/web"));
}

TEST_CASE("an object as kubectl shows it can be applied again and again") {
  FakeCluster cluster;
  json read = kSettings;
  read["metadata"]["resourceVersion"] = "1";
  read["metadata"]["uid"] = "another";
  for (const Action action : {Action::kCreated, Action::kUnchanged}) {
    const auto report = applied(cluster, {read});
    REQUIRE(report.has_value());
    CHECK(action_of(*report, "settings") == action);
  }
}

TEST_CASE("to take fields over is a way out of a conflict of fields only") {
  FakeCluster cluster;
  bool refuse = false;
  cluster.before = [&refuse](const std::string& method, const std::string& path) {
    refuse = method == "PATCH" && path == kMap;
  };
  cluster.fail = [&refuse](const std::string&) { return refuse ? 409 : 0; };
  const auto report = applied(cluster, {kSettings});
  REQUIRE(report.has_value());
  REQUIRE(report->objects[0].error.has_value());
  CHECK(report->objects[0].error->hint.find("--force-conflicts") == std::string::npos);
}

TEST_CASE("a dry run says created for what comes with its own namespace") {
  FakeCluster cluster;
  json elsewhere = object("v1", "ConfigMap", "elsewhere");
  elsewhere["metadata"]["namespace"] = "fresh";
  ApplyOptions options;
  options.dry_run = DryRun::kServer;
  options.with_changes = true;
  const auto report = applied(cluster, {object("v1", "Namespace", "fresh"), elsewhere}, options);
  REQUIRE(report.has_value());
  CHECK_FALSE(report->failed());
  CHECK(action_of(*report, "elsewhere") == Action::kCreated);
  CHECK(cluster.get("/api/v1/namespaces/fresh").is_null());
  // A namespace that nobody brings is an error still.
  const auto nowhere = applied(cluster, {elsewhere}, options);
  REQUIRE(nowhere.has_value());
  CHECK(nowhere->failed());
}

}  // namespace marvel::rollout
