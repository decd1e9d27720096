// What a member of a secure sum refuses; that it sums right is in secure_round_test.cpp.
#include "federate/secure/member.hpp"

#include "federate/secure/table.hpp"

#include <doctest/doctest.h>

namespace marvel::federate::secure {

using namespace test_secure;

TEST_CASE("a member lays one share open per client, once, and only of a safe sum") {
  Table table(kFive);
  REQUIRE(table.stage("").has_value());
  auto& a = *table.members.at("a");
  const auto roster = *decode_roster(data_of(table.round.request("a")));
  CHECK_FALSE(a.deal(roster, 2, 3).has_value());  // not its place
  CHECK_FALSE(a.deal(roster, 0, 3).has_value());
  CHECK_FALSE(a.deal(roster, 1, 2).has_value());  // two halves could sum twice
  CHECK_FALSE(a.deal(roster, 1, 6).has_value());
  CHECK_FALSE(a.deal({roster[0]}, 1, 1).has_value());
  auto twice = roster;
  twice[2] = twice[1];
  CHECK_FALSE(a.deal(twice, 1, 3).has_value());
  auto weak = roster;
  weak[3].cipher = Key{};
  CHECK_FALSE(a.deal(weak, 1, 3).has_value());
  std::vector<std::uint64_t> numbers(3);
  CHECK_FALSE(a.mask({}, numbers).has_value());  // before its shares are dealt
  CHECK_FALSE(a.reveal({1, 2, 3}).has_value());
}

TEST_CASE("a member refuses to reveal for strangers, too few, without itself, or a second time") {
  Table table(kFive);
  REQUIRE(table.stage("").has_value());
  REQUIRE(table.stage("e").has_value());
  const auto parcels = *decode_parcels(data_of(table.round.request("a")));
  auto& a = *table.members.at("a");
  CHECK(parcels.size() == 3);
  auto damaged = parcels;
  damaged[0].sealed[30] ^= 1;
  std::vector<std::uint64_t> numbers(3);
  CHECK_FALSE(a.mask(damaged, numbers).has_value());
  CHECK_FALSE(a.mask({parcels[0]}, numbers).has_value());  // two with itself, three are needed
  CHECK_FALSE(a.mask({parcels[1], parcels[2], {1, parcels[0].sealed}}, numbers).has_value());
  REQUIRE(a.mask(parcels, numbers).has_value());
  CHECK_FALSE(a.mask(parcels, numbers).has_value());
  CHECK_FALSE(a.reveal({1, 2, 5}).has_value());
  CHECK_FALSE(a.reveal({1, 2}).has_value());
  CHECK_FALSE(a.reveal({2, 3, 4}).has_value());
  const auto reveals = a.reveal({1, 2, 3});
  REQUIRE(reveals.has_value());
  REQUIRE(reveals->size() == 4);
  CHECK_FALSE((*reveals)[0].mask_key);
  CHECK((*reveals)[3].mask_key);
  CHECK_FALSE(a.reveal({1, 2, 4}).has_value());
}

}  // namespace marvel::federate::secure
