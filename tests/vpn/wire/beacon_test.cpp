#include "vpn/wire/beacon.hpp"

#include "vpn/support.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

Membership community(std::uint64_t secret) {
  Membership membership;
  membership.psk = make_identity(secret).secret;
  membership.community = {1, 2, 3};
  return membership;
}

Beacon largest() {
  Beacon beacon{1'790'000'000,
                {make_identity(1).point, 0x0a080002, std::string(63, 'x'), {}, {}, {}}};
  beacon.info.candidates.assign(kMaxCandidates, Endpoint::from_ipv4(0xc0a80002, 4194));
  beacon.info.prefixes.assign(kMaxPrefixes, {0x0af40100, 24});
  return beacon;
}

}  // namespace

TEST_CASE("a beacon is read by members, and by nobody else") {
  SeededRandom random(1);
  const Secret key = beacon_key(community(7));
  const auto sealed = seal_beacon(key, random, largest());
  CHECK(sealed.size() == kBeaconSize);
  const auto opened = open_beacon(key, sealed);
  REQUIRE(opened);
  CHECK(opened->unix_seconds == 1'790'000'000);
  CHECK(opened->info.name == std::string(63, 'x'));
  CHECK(opened->info.candidates.size() == kMaxCandidates);
  CHECK_FALSE(open_beacon(beacon_key(community(8)), sealed));
  Membership certified = community(7);
  certified.authority = make_identity(9).point;
  CHECK_FALSE(open_beacon(beacon_key(certified), sealed));
}

TEST_CASE("beacons have one size, and two of the same node have nothing in common") {
  SeededRandom random(2);
  const Secret key = beacon_key(community(7));
  const Beacon small{1, {make_identity(1).point, 1, "a", {}, {}, {}}};
  const auto one = seal_beacon(key, random, small);
  const auto two = seal_beacon(key, random, small);
  CHECK(one.size() == seal_beacon(key, random, largest()).size());
  std::size_t same = 0;
  for (std::size_t at = 0; at < one.size(); ++at) {
    same += one[at] == two[at] ? 1 : 0;
  }
  CHECK(same < 12);  // one in 256 by chance
}

TEST_CASE("no changed and no shortened beacon is one") {
  SeededRandom random(3);
  const Secret key = beacon_key(community(7));
  const auto sealed = seal_beacon(key, random, largest());
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] ^= 1;
    CHECK_FALSE(open_beacon(key, changed));
    CHECK_FALSE(open_beacon(key, Bytes(sealed).first(at)));
  }
}

}  // namespace marvel::vpn
