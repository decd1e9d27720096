// Whom a super node serves, and how that changes while it runs.
#include "vpn/n2n/world.hpp"

namespace marvel::vpn::n2n {
namespace {

User user(const std::string& name) {
  return {name, public_key(user_key(name, "007"))};
}

struct Fixture {
  World world{1};
  World::Super* super = nullptr;

  explicit Fixture(std::vector<User> users) {
    world.users = std::move(users);
    super = &world.add_supernode();
  }
  World::Node& edge(const std::string& name, bool with_user) {
    auto made = world.options(name);
    if (with_user) {
      made.login = world.login(name, "007");
    }
    return world.add_edge(std::move(made), sim::NatKind::kSymmetric);
  }
  Status serve(const CommunityList& list) { return super->node->serve(world.net.now(), list); }
};

TEST_CASE("a community that is served no more loses its edges, others keep theirs") {
  Fixture at({});
  at.edge("a", false);
  auto made = at.world.options("b");
  made.community = *community_of("another");
  at.world.add_edge(made);
  REQUIRE(at.world.settle());
  REQUIRE(at.serve({{{"another", std::nullopt, {}}, {"third", std::nullopt, {}}}, {}}));
  const auto left = at.super->node->edges();
  REQUIRE(left.size() == 1);
  CHECK(left[0].community == "another");
  at.world.net.run(seconds(10));
  CHECK(at.super->node->edges().size() == 1);
}

TEST_CASE("a user who is struck off is out, and the others get a key that it does not know") {
  Fixture at({user("logan"), user("laura"), user("lukas")});
  auto& a = at.edge("logan", true);
  auto& b = at.edge("laura", true);
  auto& gone = at.edge("lukas", true);
  REQUIRE(at.world.settle());
  REQUIRE(at.world.reaches(a, gone, "before", seconds(1)));
  at.world.users.pop_back();
  REQUIRE(at.serve(at.world.served()));
  at.world.net.run(seconds(6));
  CHECK_FALSE(gone.edge->link().registered);
  CHECK(at.super->node->edges().size() == 2);
  CHECK(at.world.reaches(a, b, "after", seconds(1)));
  gone.machine->heard();
  const auto before = gone.edge->counters().dropped(Drop::kUnknownCommunity);
  std::vector<std::uint8_t> seen;
  at.world.net.observer = [&](const Endpoint& /*from*/, const Endpoint& /*to*/, Bytes bytes) {
    seen.assign(bytes.begin(), bytes.end());
  };
  at.world.say(a, b, "for laura");
  at.world.net.run(milliseconds(100));
  REQUIRE_FALSE(seen.empty());
  gone.edge->datagram(at.world.net.now(), at.super->machine->inside, seen);
  CHECK(gone.edge->counters().dropped(Drop::kUnknownCommunity) == before + 1);
}

TEST_CASE("the same list again changes nothing") {
  Fixture at({user("logan"), user("laura")});
  auto& a = at.edge("logan", true);
  auto& b = at.edge("laura", true);
  REQUIRE(at.world.settle());
  REQUIRE(at.serve(at.world.served()));
  CHECK(at.super->node->edges().size() == 2);
  CHECK(at.world.reaches(a, b, "at once", milliseconds(300)));
}

TEST_CASE("a list that is wrong leaves all as it was") {
  Fixture at({});
  at.edge("a", false);
  REQUIRE(at.world.settle());
  CHECK_FALSE(at.serve({{{"x", std::nullopt, {}}, {"x", std::nullopt, {}}}, {}}));
  CHECK_FALSE(at.serve({{{"a-name-of-20-bytes-ab", std::nullopt, {}}}, {}}));
  CHECK_FALSE(at.serve({{{"x", std::nullopt, {{"nobody", PublicKey{}}}}}, {}}));
  CHECK(at.super->node->edges().size() == 1);
}

TEST_CASE("names that match a pattern are served while they have edges") {
  Fixture at({});
  REQUIRE(at.serve({{}, {*Pattern::parse("lab[0-9]+")}}));
  auto made = at.world.options("a");
  made.community = *community_of("lab7");
  auto& a = at.world.add_edge(made);
  made = at.world.options("b");
  made.community = *community_of("lab7");
  auto& b = at.world.add_edge(made);
  made = at.world.options("c");
  made.community = *community_of("labor");
  auto& c = at.world.add_edge(made);
  at.world.net.run(seconds(3));
  CHECK(at.world.reaches(a, b, "x", seconds(1)));
  CHECK_FALSE(c.edge->link().registered);
  REQUIRE(at.serve({{}, {*Pattern::parse("lab[0-9]")}}));
  CHECK(at.super->node->edges().size() == 2);
  SUBCASE("until no pattern of a new list matches") {
    REQUIRE(at.serve({{}, {*Pattern::parse("lab[0-6]")}}));
    CHECK(at.super->node->edges().empty());
    return;
  }
  a.edge->leave(at.world.net.now());
  b.edge->leave(at.world.net.now());
  a.machine->on = false;
  b.machine->on = false;
  at.world.net.run(seconds(2));
  CHECK(at.super->node->edges().empty());
}

}  // namespace
}  // namespace marvel::vpn::n2n
