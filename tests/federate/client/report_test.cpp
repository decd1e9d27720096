#include "federate/client/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {

TEST_CASE("a client's answer holds what it did") {
  const auto json =
      nlohmann::json::parse(client_json({"done", "edge-\xff", "1.x", {3, 1, 2, 4}, 0.5}));
  CHECK(json.at("schema") == "marvel.fedl.client/1");
  CHECK(json.at("rounds_trained") == 3);
  CHECK(json.at("updates_resent") == 1);
  CHECK(json.at("evaluations") == 2);
  CHECK(json.at("reconnects") == 4);
}

}  // namespace marvel::federate
