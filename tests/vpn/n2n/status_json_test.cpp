#include "vpn/n2n/status_json.hpp"

#include "config/json.hpp"
#include "vpn/n2n/world.hpp"

namespace marvel::vpn::n2n {
namespace {

TEST_CASE("the status tells of peers and paths, and not of the key") {
  World world(1);
  auto& super = world.add_supernode();
  auto& a = world.add_edge("a");
  auto& b = world.add_edge("b");
  REQUIRE(world.settle());
  REQUIRE(world.reaches(a, b, "x", seconds(1)));
  const std::string edge = status_json(*a.edge, "tap0");
  CHECK(pretty_json(edge));
  CHECK(edge.find("\"schema\": \"marvel.vpn.n2n-edge/1\"") != std::string::npos);
  CHECK(edge.find("\"name\": \"b\"") != std::string::npos);
  CHECK(edge.find("k123") == std::string::npos);
  const std::string node = status_json(*super.node);
  CHECK(pretty_json(node));
  CHECK(node.find("\"name\": \"a\"") != std::string::npos);
}

}  // namespace
}  // namespace marvel::vpn::n2n
