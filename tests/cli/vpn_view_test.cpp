#include "cli/vpn_view.hpp"

#include <initializer_list>

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

// A whole document of an edge of either protocol, with one peer.
std::string edge(const std::string& schema, const std::string& address,
                 const std::string& peer_address, const std::string& peer = "edge2") {
  return R"({"schema":")" + schema + R"(","community":"grn","name":"edge1","device":"tap0",)" +
         R"("address":)" + address +
         R"(,"supernodes":[{"endpoint":"192.0.2.1:4194","registered":true,"seen_as":null}],)" +
         R"("peers":[{"name":")" + peer + R"(","address":)" + peer_address +
         R"(,"path":"relay","endpoint":null,"frames_sent":1,"frames_received":2}],)" +
         R"("drops":{"limited":0}})";
}

constexpr std::initializer_list<const char*> kEdges{"marvel.vpn.edge/1", "marvel.vpn.n2n-edge/1"};
constexpr const char* kSupernode = R"({"schema":"marvel.vpn.n2n-supernode/1","edges":[]})";

}  // namespace

TEST_CASE("an edge of either protocol has an address, or none yet") {
  for (const char* const schema : kEdges) {
    CAPTURE(schema);
    CHECK(address_in_status(edge(schema, R"("10.8.0.7/24")", "null")) == "10.8.0.7/24");
    CHECK(address_in_status(edge(schema, "null", "null")) == "");
  }
  const auto none = address_in_status(kSupernode);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUsage);
}

TEST_CASE("a peer is found by its name, once its address is known") {
  for (const char* const schema : kEdges) {
    CAPTURE(schema);
    const std::string known = edge(schema, "null", R"("10.8.0.2")");
    CHECK(peer_address_in_status(known, "edge2") == "10.8.0.2");
    const auto other = peer_address_in_status(known, "edge3");
    REQUIRE_FALSE(other);
    CHECK(other.error().code == Errc::kNotFound);
    const auto yet = peer_address_in_status(edge(schema, "null", "null"), "edge2");
    REQUIRE_FALSE(yet);
    CHECK(yet.error().code == Errc::kNotFound);
    CHECK(yet.error().message.find("not known yet") != std::string::npos);
  }
  const auto none = peer_address_in_status(kSupernode, "edge2");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kUsage);
  CHECK(none.error().message.find("super node") != std::string::npos);
}

TEST_CASE("the name of a peer cannot steer the terminal") {
  const auto answer =
      status_answer(edge("marvel.vpn.n2n-edge/1", "null", "null", R"(a\u001b[2J\u0007\nb)"));
  REQUIRE(answer);
  CHECK(answer->text.find("a [2J  b") != std::string::npos);
  CHECK(answer->text.find('\x1b') == std::string::npos);
}

}  // namespace marvel::cli
