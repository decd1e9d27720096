// Server and members of a secure sum together, without a network: who falls out where, and what
// the server refuses.
#include "federate/secure/secure_round.hpp"

#include "federate/secure/table.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel::federate::secure {

using namespace test_secure;

TEST_CASE("the masks of all vanish from the sum") {
  for (std::size_t count = 2; count <= 5; ++count) {
    Table table({kFive.begin(), kFive.begin() + static_cast<std::ptrdiff_t>(count)});
    for (int stage = 0; stage < 4; ++stage) {
      REQUIRE(table.stage("").has_value());
    }
    CHECK(table.round.stage() == Stage::kDone);
    CHECK(table.round.sum() == sum_of(std::string("abcde").substr(0, count)));
  }
}

TEST_CASE("who falls out at any stage is taken out of the sum, or stays in it after its update") {
  const std::vector<std::array<std::string, 4>> silent{
      {"b", "", "", ""},  {"", "b", "", ""},  {"", "", "b", ""},  {"", "", "", "b"},
      {"a", "", "e", ""}, {"", "", "ae", ""}, {"", "", "a", "e"}, {"a", "", "", "b"}};
  const std::vector<std::string> summed{"acde", "acde", "acde", "abcde",
                                        "bcd",  "bcd",  "bcde", "bcde"};
  for (std::size_t i = 0; i < silent.size(); ++i) {
    CAPTURE(i);
    Table table(kFive);
    for (std::size_t stage = 0; stage < 4; ++stage) {
      CAPTURE(stage);
      REQUIRE(table.stage(silent[i][stage]).has_value());
    }
    CHECK(table.round.sum() == sum_of(summed[i]));
    CHECK(table.round.summed().size() == summed[i].size());
  }
}

TEST_CASE("fewer than the threshold in any stage: the sum is lost") {
  for (std::size_t lost = 0; lost < 4; ++lost) {
    Table table(kFive);
    Status status;
    for (std::size_t stage = 0; stage <= lost; ++stage) {
      REQUIRE(status.has_value());
      status = table.stage(stage == lost ? (lost == 0 ? "abcd" : "abc") : "");
    }
    CHECK(status.error().code == Errc::kFailed);
  }
  Table table(kFive);
  REQUIRE(table.stage("").has_value());
  CHECK(table.round.threshold() == 3);
  CHECK(table.stage("abc").error().message ==
        "2 of the 3 clients that a secure sum needs have answered (shares)");
}

TEST_CASE("what makes no sense puts its client out, not the sum") {
  Table table(kFive);
  REQUIRE(table.stage("").has_value());
  auto wrong = table.answer_of("a");
  wrong.metrics[kDataEntry] = wire::Blob{"x"};
  CHECK_FALSE(table.round.take("a", wrong).has_value());
  CHECK_FALSE(table.round.expects("a"));
  auto short_of_one = table.answer_of("b");
  auto parcels = *decode_parcels(data_of(short_of_one.metrics));
  parcels.pop_back();
  short_of_one.metrics[kDataEntry] = wire::Blob{encode(parcels)};
  CHECK_FALSE(table.round.take("b", short_of_one).has_value());
  CHECK(table.round.take("stranger", {}).has_value());  // passed over
  REQUIRE(table.stage("").has_value());
  CHECK_FALSE(table.round.take("c", wire::FitResult{}).has_value());
  CHECK(table.stage("").error().code == Errc::kFailed);
}

TEST_CASE("keys that would stop every other client put out their sender alone") {
  Table table(kFive);
  const auto sent = [&](const std::string& name, const OpenKeys& keys) {
    auto answer = table.answer_of(name);
    answer.metrics[kDataEntry] = wire::Blob{encode(keys)};
    return table.round.take(name, answer);
  };
  Key one{};  // of low order, as 0 is
  one[0] = 1;
  const Key fine = new_key_pair().open;
  CHECK(sent("a", {fine, Key{}}).error().code == Errc::kInput);
  CHECK(sent("b", {one, fine}).error().code == Errc::kInput);
  REQUIRE(table.round.take("c", table.answer_of("c")).has_value());
  const OpenKeys copied{fine, table.members.at("c")->keys().mask};
  CHECK(sent("d", copied).error().message == "its mask key is that of another client");
  for (int stage = 0; stage < 4; ++stage) {
    REQUIRE(table.stage("").has_value());
  }
  CHECK(table.round.sum() == sum_of("ce"));
}

TEST_CASE("wrong shares are noticed where they can be, and never leave the masks in the model") {
  Table table(kFive);
  REQUIRE(table.stage("").has_value());
  REQUIRE(table.stage("").has_value());
  REQUIRE(table.stage("e").has_value());
  for (const auto* name : {"a", "b", "c", "d"}) {
    auto answer = table.answer_of(name);
    auto reveals = *decode_reveals(data_of(answer.metrics));
    if (*name == 'a') {
      auto fewer = reveals;
      fewer.pop_back();
      answer.metrics[kDataEntry] = wire::Blob{encode(fewer)};
      CHECK_FALSE(table.round.take(name, answer).has_value());
      continue;
    }
    reveals[4].share[5] ^= 1;  // of e's mask key; bits of the first byte do not count
    answer.metrics[kDataEntry] = wire::Blob{encode(reveals)};
    REQUIRE(table.round.take(name, answer).has_value());
  }
  CHECK(table.round.next().error().message == "the shares of client e's secret do not fit");
}

}  // namespace marvel::federate::secure
