// Frames that are too large for their path, halved or not.
#include "vpn/node/simulator.hpp"
#include "vpn/offload/too_big.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

using namespace sim;

constexpr std::size_t kUsual = 1452;  // what a usual path takes

struct Jumbo {
  explicit Jumbo(std::uint64_t seed, std::size_t path) : world(seed) {
    world.adjust = [](EdgeOptions& options) { options.mtu = 9000; };
    world.net.wire.largest = path;
    world.add_supernode();
    a = &world.add_edge("a");
    b = &world.add_edge("b");
    REQUIRE(world.net.run_until([this] { return world.settled(); }, seconds(10)));
    for (int at = 0; at < 60; ++at) {
      a->say(*b, "hello");
      world.net.run(milliseconds(100));
    }
    REQUIRE(a->direct_to(*b));
    a->heard();
    b->heard();
  }
  // Bytes of IP; whether it arrived.
  bool sends(std::size_t size) {
    a->say(*b, std::string(size - 20, 'x'));
    world.net.run(milliseconds(100));
    return !b->heard().empty();
  }

  World world;
  Machine* a = nullptr;
  Machine* b = nullptr;
};

}  // namespace

TEST_CASE(
    "a frame whose halves are too large for the path is reported to the machine and counted") {
  Jumbo net(1800, kUsual);
  const std::size_t largest = 2 * (kUsual - kHeaderSize - kTagSize) - kEthernet;
  CHECK(net.sends(largest));
  CHECK(net.a->frames.empty());
  CHECK_FALSE(net.sends(largest + 1));
  REQUIRE(net.a->frames.size() == 1);
  const Bytes report = net.a->frames[0];
  CHECK(ipv4_source(report) == net.b->address());
  CHECK(load_be16(report.data() + kEthernet + 20 + 6) == largest);
  net.sends(9000);
  CHECK(net.a->edge->counters().dropped(Drop::kTooLarge) == 2);
  CHECK(std::count_if(net.a->told.begin(), net.a->told.end(), [](const std::string& one) {
          return one.find("do not reach b") != std::string::npos;
        }) == 1);
}

TEST_CASE("large frames go whole where the path takes them, and nothing is reported") {
  Jumbo net(1801, 65536);
  CHECK(net.sends(9000));
  CHECK(net.a->frames.empty());
  CHECK(net.a->edge->counters().dropped(Drop::kTooLarge) == 0);
}

}  // namespace marvel::vpn
