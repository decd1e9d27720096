#include "deploy/rollout/lease.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <thread>

#include <doctest/doctest.h>

namespace marvel::rollout {
namespace {

using nlohmann::json;
using test::FakeCluster;

const std::string kPath = "/apis/coordination.k8s.io/v1/namespaces/edge/leases/marvel-web";
const LeaseRules kShort{std::chrono::seconds(1), std::chrono::seconds(0)};

std::unique_ptr<LeaseHold> taken(FakeCluster& cluster) {
  auto hold = LeaseHold::acquire(cluster.connect(), "web", "edge", kShort);
  REQUIRE(hold.has_value());
  return std::move(*hold);
}

std::string holder(FakeCluster& cluster) {
  return cluster.get(kPath)["spec"].value("holderIdentity", "");
}

void put_lease(FakeCluster& cluster, const std::string& holder, int seconds) {
  cluster.put(kPath, {{"metadata", {{"name", "marvel-web"}}},
                      {"spec",
                       {{"holderIdentity", holder},
                        {"leaseDurationSeconds", seconds},
                        {"renewTime", cluster.time_text("%Y-%m-%dT%H:%M:%S.000000Z")}}}});
}

// Another run takes the lease over while this one sleeps.
void give_to_another(FakeCluster& cluster) {
  json lease = cluster.get(kPath);
  lease["spec"]["holderIdentity"] = "another run";
  cluster.put(kPath, lease);
}

// Longer than a hold is believed in without a renewal.
void sleep_through_a_renewal() {
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
}

}  // namespace

TEST_CASE("a lease is renewed while it is held, and given back") {
  FakeCluster cluster;
  {
    const auto hold = taken(cluster);
    const json before = cluster.get(kPath);
    sleep_through_a_renewal();
    CHECK(hold->confirm());
    CHECK_FALSE(LeaseHold::acquire(cluster.connect(), "web", "edge", kShort).has_value());
    CHECK(cluster.writes().size() >= 3);  // two tries to take it, and a renewal
  }
  CHECK(cluster.get(kPath).is_null());
}

TEST_CASE("an interrupted run gives its lease back, too") {
  FakeCluster cluster;
  {
    const auto hold = taken(cluster);
    cluster.interrupt();
  }
  CHECK(cluster.get(kPath).is_null());
}

TEST_CASE("a dead run's lease is waited for, which is said once") {
  FakeCluster cluster;
  put_lease(cluster, "a dead run", 1);
  std::vector<std::string> told;
  LeaseRules rules;
  rules.on_wait = [&told](const std::string& message) { told.push_back(message); };
  CHECK(LeaseHold::acquire(cluster.connect(), "web", "edge", rules).has_value());
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("(a dead run): waiting up to 35 s") != std::string::npos);
}

TEST_CASE("only the server's clock says whether a lease has ended") {
  for (const int ahead : {-3600, 3600}) {
    FakeCluster cluster;
    cluster.ahead = ahead;
    const auto connection = cluster.connect();
    REQUIRE(
        kube::Client(connection).exchange({.path = "/api"}));  // a run has asked something by then
    put_lease(cluster, "a live run", 30);
    CHECK_FALSE(LeaseHold::acquire(connection, "web", "edge", kShort).has_value());
    cluster.ahead -= 40;
    put_lease(cluster, "a dead run", 30);
    cluster.ahead = ahead;
    CHECK(LeaseHold::acquire(connection, "web", "edge", kShort).has_value());
    const auto hold = LeaseHold::acquire(connection, "web", "edge", kShort);
    REQUIRE(hold.has_value());
    CHECK(cluster.get(kPath)["spec"]["renewTime"].get<std::string>().substr(0, 13) ==
          cluster.time_text("%Y-%m-%dT%H"));
  }
}

TEST_CASE("a lease that may not be taken over is told at once, and nobody is blamed") {
  FakeCluster cluster;
  put_lease(cluster, "a dead run", -1);
  bool refuse = false;
  cluster.before = [&refuse](const std::string& method, const std::string&) {
    refuse = method == "PUT";
  };
  cluster.fail = [&refuse](const std::string&) { return refuse ? 403 : 0; };
  const auto hold = LeaseHold::acquire(cluster.connect(), "web", "edge", {});
  REQUIRE_FALSE(hold.has_value());
  CHECK(hold.error().reason == "forbidden");
  CHECK(hold.error().message.find("a dead run") == std::string::npos);
}

TEST_CASE("a run is patient for longer than a lease lasts") {
  CHECK(LeaseRules().patience > LeaseRules().duration);
}

TEST_CASE("a run that slept learns who took over, and does not push him out") {
  FakeCluster cluster;
  {
    const auto hold = taken(cluster);
    give_to_another(cluster);
    sleep_through_a_renewal();
    const Status held = hold->confirm();
    REQUIRE_FALSE(held.has_value());
    CHECK(held.error().code == Errc::kConflict);
    CHECK(held.error().message.find("(another run) took over") != std::string::npos);
    CHECK(holder(cluster) == "another run");
  }
  CHECK(holder(cluster) == "another run");
}

TEST_CASE("a lease that was deleted is lost") {
  FakeCluster cluster;
  const auto hold = taken(cluster);
  cluster.remove(kPath);
  sleep_through_a_renewal();
  CHECK_FALSE(hold->confirm().has_value());
  CHECK(cluster.get(kPath).is_null());
}

TEST_CASE("a label that somebody adds to the lease does not end it") {
  FakeCluster cluster;
  const auto hold = taken(cluster);
  json lease = cluster.get(kPath);
  lease["metadata"]["labels"]["seen"] = "yes";
  cluster.put(kPath, lease);
  sleep_through_a_renewal();
  CHECK(hold->confirm().has_value());
  CHECK(cluster.get(kPath)["metadata"]["labels"]["seen"] == "yes");
}

}  // namespace marvel::rollout
