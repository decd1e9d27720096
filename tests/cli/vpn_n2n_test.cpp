#include "cli/vpn_n2n.hpp"

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

// No name has labels this long, so nobody is asked.
const std::string kNowhere = std::string(70, 'x') + ":4194";
const std::string kFirst = "127.0.0.1:4194";
const std::string kSecond = "127.0.0.2:4194";

}  // namespace

TEST_CASE("one name that cannot be found keeps no node from its other super nodes") {
  KnownEndpoints known;
  std::vector<std::string> warnings;
  const auto found =
      look_up_all({kFirst, kNowhere, kSecond}, known, "SIGHUP looks again", warnings);
  REQUIRE(found);
  REQUIRE(found->size() == 3);
  REQUIRE((*found)[0]);
  CHECK((*found)[0]->text() == kFirst);
  CHECK_FALSE((*found)[1]);
  REQUIRE((*found)[2]);
  CHECK((*found)[2]->text() == kSecond);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("--supernode '" + kNowhere + "' is left out") == 0);
  CHECK(warnings[0].ends_with("; SIGHUP looks again"));
}

TEST_CASE("without any super node that is found there is no node") {
  KnownEndpoints known;
  std::vector<std::string> warnings;
  const auto none = look_up_all({kNowhere, kNowhere}, known, "x", warnings);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kNotFound);
  const auto wrong = look_up_all({kFirst, "no port"}, known, "x", warnings);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::kInput);
}

TEST_CASE("a name that was found before is kept where it was") {
  KnownEndpoints known;
  std::vector<std::string> warnings;
  known[kNowhere] = look_up(kFirst, known).value();
  const auto found = look_up_all({kNowhere}, known, "x", warnings);
  REQUIRE(found);
  CHECK((*found)[0]->text() == kFirst);
  CHECK(warnings.empty());
}

}  // namespace marvel::cli
