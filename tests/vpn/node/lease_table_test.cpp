#include "vpn/node/lease_table.hpp"

#include "vpn/support.hpp"

#include <set>

namespace marvel::vpn {
namespace {

const auto kNobody = [](const PublicKey&) { return false; };

PublicKey key(std::uint64_t seed) {
  return make_identity(seed).point;
}

}  // namespace

TEST_CASE("a node keeps its address, and two never share one") {
  LeaseTable table({0x0a080000, 24});
  std::set<Ipv4> used;
  for (std::uint64_t node = 0; node < 200; ++node) {
    const auto address = table.lease({}, key(node), "n" + std::to_string(node), 0, kNobody);
    REQUIRE(address);
    CHECK(used.insert(*address).second);
    CHECK(table.lease({}, key(node), "n" + std::to_string(node), 0, kNobody) == *address);
  }
}

TEST_CASE("two super nodes that never met choose the same address for a node") {
  LeaseTable one({0x0a080000, 24});
  LeaseTable two({0x0a080000, 24});
  CHECK(one.lease({}, key(7), "a", 0, kNobody) == two.lease({}, key(7), "a", 0, kNobody));
}

TEST_CASE("a fixed address is given when it is free and refused when it is not") {
  LeaseTable table({0x0a080000, 24});
  CHECK(table.lease({}, key(1), "a", 0x0a080009, kNobody) == 0x0a080009U);
  const auto taken = table.lease({}, key(2), "b", 0x0a080009, kNobody);
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == Refused::Reason::kAddressTaken);
  CHECK_FALSE(table.lease({}, key(2), "b", 0x0a080000, kNobody));
  CHECK_FALSE(table.lease({}, key(2), "b", 0x0a0800ff, kNobody));
  CHECK_FALSE(table.lease({}, key(2), "b", 0x0b000001, kNobody));
}

TEST_CASE("a reserved address waits for its node") {
  LeaseTable table({0x0a080000, 29});
  REQUIRE(table.reserve({{"camera", 0x0a080003}}));
  for (std::uint64_t node = 0; node < 5; ++node) {
    CHECK(table.lease({}, key(node), "n" + std::to_string(node), 0, kNobody) != 0x0a080003U);
  }
  CHECK(table.lease({}, key(9), "camera", 0, kNobody) == 0x0a080003U);
}

TEST_CASE("other reservations take the place of those before, or all stays as it was") {
  LeaseTable table({0x0a080000, 29});
  REQUIRE(table.reserve({{"camera", 0x0a080003}, {"door", 0x0a080004}}));
  for (const auto& wrong : {std::pair<std::string, Ipv4>{"other", 0x0a080001},
                            {"camera", 0x0a080002},
                            {"third", 0x0a090003}}) {
    CHECK_FALSE(table.reserve({{"camera", 0x0a080001}, wrong}));
  }
  CHECK(table.lease({}, key(9), "camera", 0, kNobody) == 0x0a080003U);
  REQUIRE(table.reserve({{"camera", 0x0a080005}}));
  CHECK(table.lease({}, key(9), "camera", 0, kNobody) == 0x0a080005U);
  CHECK(table.lease({}, key(8), "a", 0x0a080004, kNobody) == 0x0a080004U);
}

TEST_CASE(
    "when all are leased, the one that is away longest gives way, and a connected one never") {
  LeaseTable table({0x0a080000, 30});
  const auto first = table.lease(seconds(1), key(1), "a", 0, kNobody);
  const auto second = table.lease(seconds(2), key(2), "b", 0, kNobody);
  REQUIRE((first && second));
  CHECK(table.lease(seconds(3), key(3), "c", 0, kNobody) == *first);
  const auto all = [](const PublicKey&) { return true; };
  const auto none = table.lease(seconds(4), key(4), "d", 0, all);
  REQUIRE_FALSE(none);
  CHECK(none.error() == Refused::Reason::kNoAddress);
}

TEST_CASE("leases are written down and read again") {
  LeaseTable table({0x0a080000, 24});
  const auto version = table.version();
  const auto address = table.lease({}, key(1), "a", 0, kNobody);
  CHECK(table.version() > version);
  LeaseTable again({0x0a080000, 24});
  REQUIRE(again.parse(table.text()));
  CHECK(again.text() == table.text());
  CHECK(again.lease({}, key(1), "a", 0, kNobody) == address);
  LeaseTable moved({0x0a090000, 24});
  REQUIRE(moved.parse(table.text()));
  CHECK(moved.entries().empty());
}

TEST_CASE("a damaged line of a file of leases is named") {
  LeaseTable table({0x0a080000, 24});
  const std::string digits(64, 'a');
  const std::vector<std::string> lines{"10.8.0.1",
                                       "10.8.0.1 abc a",
                                       "x y z",
                                       "10.8.0.1 " + digits + " a/b",
                                       "10.8.0.1 " + digits + " a x",
                                       "10.8.0.1 " + digits + " a -1",
                                       "10.8.0.1 " + digits + " a 9000000001",
                                       "10.8.0.1 " + digits + " a 1 2"};
  for (const std::string& line : lines) {
    const Status read = table.parse("\n" + line + "\n");
    REQUIRE_FALSE(read);
    CHECK(read.error().message == "line 2 is no lease");
  }
}

TEST_CASE("a reserved address follows its name to a new key, unless the old one is connected") {
  LeaseTable table({0x0a080000, 24});
  REQUIRE(table.reserve({{"camera", 0x0a080014}}));
  CHECK(table.lease({}, key(1), "camera", 0, kNobody) == 0x0a080014U);
  const auto all = [](const PublicKey&) { return true; };
  CHECK_FALSE(table.lease({}, key(2), "camera", 0, all));
  CHECK(table.lease({}, key(2), "camera", 0, kNobody) == 0x0a080014U);
}

TEST_CASE("a wish outside of what is allowed is refused and leaves nothing") {
  LeaseTable table({0x0a080000, 24});
  const auto refused = table.lease({}, key(1), "a", 0x0a080032, kNobody, {{0x0a080010, 28}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Refused::Reason::kAddressTaken);  // without the wish there is one
  REQUIRE(table.reserve({{"a", 0x0a080033}}));
  const auto never = table.lease({}, key(1), "a", 0x0a080033, kNobody, {{0x0a080010, 28}});
  REQUIRE_FALSE(never);
  CHECK(never.error() == Refused::Reason::kNotAllowed);
  CHECK(table.entries().empty());
}

TEST_CASE("a certificate wider than the subnet gets an address of the subnet, at nobody's cost") {
  LeaseTable table({0x0a080000, 24});
  for (std::uint64_t node = 0; node < 100; ++node) {
    const auto address = table.lease(seconds(node), key(node), "n" + std::to_string(node), 0,
                                     kNobody, {{0x0a080000, 16}});
    REQUIRE(address);
    CHECK(table.subnet().is_host(*address));
    CHECK(table.entries().size() == node + 1);
  }
}

TEST_CASE("a full range of a certificate takes from its own only, and a refusal from nobody") {
  LeaseTable table({0x0a080000, 24});
  const std::vector<Subnet> narrow{{0x0a080010, 30}};
  const auto outside = table.lease(seconds(1), key(100), "outside", 0x0a080080, kNobody);
  REQUIRE(outside);
  std::set<Ipv4> held;
  for (std::uint64_t node = 0; node < 4; ++node) {
    const auto address =
        table.lease(seconds(2 + node), key(node), "n" + std::to_string(node), 0, kNobody, narrow);
    REQUIRE(address);
    held.insert(*address);
  }
  CHECK(held.size() == 4);
  const std::string before = table.text();
  const auto all = [](const PublicKey&) { return true; };
  for (int retry = 0; retry < 5; ++retry) {
    CHECK_FALSE(table.lease(seconds(10), key(9), "late", 0, all, narrow));
    CHECK_FALSE(table.lease(seconds(10), key(9), "late", 0, kNobody, {{0x0b000000, 24}}));
  }
  CHECK(table.text() == before);
  const auto taken = table.lease(seconds(11), key(9), "late", 0, kNobody, narrow);
  REQUIRE(taken);
  CHECK(held.contains(*taken));
  CHECK_FALSE(table.entries().contains(key(0)));  // the one that is away longest
  CHECK(table.entries().at(key(100)).address == *outside);
}

TEST_CASE("a wish for another address than one's own takes nobody's") {
  LeaseTable table({0x0a080000, 24});
  REQUIRE(table.reserve({{"camera", 0x0a080014}}));
  REQUIRE(table.lease({}, key(1), "camera", 0, kNobody));
  REQUIRE(table.lease({}, key(2), "other", 0x0a080015, kNobody));
  const std::string before = table.text();
  CHECK_FALSE(table.lease({}, key(3), "camera", 0x0a080015, kNobody));
  CHECK_FALSE(table.lease({}, key(3), "thief", 0, kNobody, {{0x0a080014, 32}}));
  CHECK(table.text() == before);
}

TEST_CASE("an address that is reserved for another name is not freed for nothing") {
  LeaseTable table({0x0a080000, 30});
  REQUIRE(table.reserve({{"camera", 0x0a080001}}));
  REQUIRE(table.lease(seconds(1), key(1), "camera", 0, kNobody));
  REQUIRE(table.lease(seconds(2), key(2), "b", 0, kNobody));
  CHECK(table.lease(seconds(3), key(3), "c", 0, kNobody) == 0x0a080002U);
  CHECK(table.entries().contains(key(1)));
}

TEST_CASE("a key that stands on two lines has the first address, and the other one is free") {
  LeaseTable table({0x0a080000, 30});
  const std::string digits = hex(key(1));
  REQUIRE(table.parse("10.8.0.1 " + digits + " a\n10.8.0.2 " + digits + " a\n"));
  CHECK(table.entries().at(key(1)).address == 0x0a080001);
  const auto all = [](const PublicKey&) { return true; };
  CHECK(table.lease({}, key(2), "b", 0, all) == 0x0a080002U);
  CHECK(table.lease({}, key(1), "a", 0x0a080002, all).error() == Refused::Reason::kAddressTaken);
}

TEST_CASE("who was away longest is known after a restart, to the second") {
  constexpr std::uint64_t kNow = 1'790'000'000'000'000'000U;
  LeaseTable table({0x0a080000, 30});
  REQUIRE(table.lease(seconds(20), key(1), "a", 0, kNobody));
  REQUIRE(table.lease(seconds(10), key(2), "b", 0, kNobody));
  const std::string text = table.text(kNow);
  CHECK(text.find(" a 1790000020\n") != std::string::npos);
  LeaseTable again({0x0a080000, 30});
  // Another zero of the same calendar.
  REQUIRE(again.parse(text, kNow + 5'000'000'000U));
  CHECK(again.text(kNow + 5'000'000'000U) == text);
  CHECK_FALSE(again.lease(seconds(100), key(3), "c", 0, kNobody));
  REQUIRE(again.lease(seconds(160), key(3), "c", 0, kNobody));
  CHECK(again.entries().contains(key(1)));
  CHECK_FALSE(again.entries().contains(key(2)));
}

TEST_CASE("leases without a time, as they were written before, give way first") {
  LeaseTable table({0x0a080000, 30});
  REQUIRE(table.parse("10.8.0.1 " + hex(key(1)) + " a 5\n10.8.0.2 " + hex(key(2)) + " b\n"));
  CHECK(table.text().find("10.8.0.1 " + hex(key(1)) + " a 5\n") != std::string::npos);
  CHECK(table.text().find("10.8.0.2 " + hex(key(2)) + " b\n") != std::string::npos);
  CHECK_FALSE(table.lease(seconds(100), key(3), "c", 0, kNobody));
  CHECK(table.lease(seconds(160), key(3), "c", 0, kNobody) == 0x0a080002U);
}

TEST_CASE("a lease that was read is nobody else's for the time that its node needs to come back") {
  LeaseTable table({0x0a080000, 24});
  REQUIRE(table.reserve({{"camera", 0x0a080014}}));
  REQUIRE(table.parse("10.8.0.20 " + hex(key(1)) + " camera 5\n"));
  CHECK_FALSE(table.lease(seconds(100), key(2), "camera", 0, kNobody));
  CHECK_FALSE(table.lease(seconds(159), key(2), "camera", 0, kNobody));
  CHECK(table.lease(seconds(160), key(2), "camera", 0, kNobody) == 0x0a080014U);
}

TEST_CASE("nodes that come back to their addresses are a change once an hour, all together") {
  LeaseTable table({0x0a080000, 24});
  for (std::uint64_t node = 0; node < 10; ++node) {
    REQUIRE(table.lease({}, key(node), "n", 0, kNobody));
  }
  const auto version = table.version();
  for (std::uint64_t second = 0; second < 7300; second += 10) {
    REQUIRE(table.lease(seconds(second), key(second / 10 % 10), "n", 0, kNobody));
  }
  CHECK(table.version() == version + 2);
}

TEST_CASE("a node that wishes for its old address is told of the one that is kept for it") {
  LeaseTable table({0x0a080000, 24});
  const auto old = table.lease({}, key(1), "camera", 0, kNobody);
  REQUIRE(old);
  REQUIRE(table.lease({}, key(2), "other", 0x0a080014, kNobody));
  REQUIRE(table.reserve({{"camera", 0x0a080014}}));
  const auto all = [](const PublicKey&) { return true; };
  CHECK(table.lease({}, key(1), "camera", *old, all) == *old);  // the other one still has it
  const auto refused = table.lease({}, key(1), "camera", *old, kNobody);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Refused::Reason::kAddressTaken);
  CHECK(table.lease({}, key(1), "camera", 0, kNobody) == 0x0a080014U);
}

}  // namespace marvel::vpn
