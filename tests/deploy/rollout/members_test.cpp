#include "deploy/rollout/members.hpp"

#include "deploy/rollout/fake_cluster.hpp"

#include <doctest/doctest.h>

namespace marvel::rollout {

TEST_CASE("endpoints are members when marvel wrote them, not when a controller copied the label") {
  using nlohmann::json;
  test::FakeCluster cluster;
  Inventory inventory = *new_inventory("web", "edge", "");
  inventory.kinds = {"Endpoints"};
  for (const char* writer : {"marvel", "kube-controller-manager"}) {
    cluster.put("/api/v1/namespaces/edge/endpoints/by-" + std::string(writer),
                {{"metadata",
                  {{"name", writer},
                   {"namespace", "edge"},
                   {"labels", {{kPartOfLabel, inventory.id}}},
                   {"managedFields", json::array({{{"manager", writer}}})}}}});
  }
  kube::Client client(cluster.connect());
  kube::Discovery discovery(client);
  const auto members = list_members(client, discovery, inventory);
  REQUIRE(members.has_value());
  REQUIRE(members->size() == 1);
  CHECK((*members)[0].ref.name == "marvel");
}

}  // namespace marvel::rollout
