#include "deploy/images/challenge.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {

TEST_CASE("a bearer challenge gives realm, service and scope") {
  const auto all = parse_challenges(
      R"(Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push")");
  REQUIRE(all.size() == 1);
  CHECK(all[0].scheme == "bearer");
  CHECK(all[0].get("realm") == "https://auth.example/token");
  CHECK(all[0].get("scope") == "repository:a/b:pull,push");
  CHECK(all[0].get("error").empty());
}

TEST_CASE("several challenges in one field are told apart, quoted commas or not") {
  const auto all = parse_challenges(R"(Negotiate, BASIC Realm="a, \"b\"" , Digest realm = c, x=1)");
  REQUIRE(all.size() == 3);
  CHECK(all[0].scheme == "negotiate");
  CHECK(all[1].get("realm") == "a, \"b\"");
  CHECK(all[2].get("realm") == "c");
  CHECK(all[2].get("x") == "1");
}

TEST_CASE("what is cut off or no challenge gives what can be read before it") {
  const std::string whole = R"(Basic realm="x", Bearer realm="y",service=z)";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto some = parse_challenges(whole.substr(0, size));
    CHECK(some.size() <= 3);  // a word alone may be a scheme
    CHECK((size < 15 || some[0].get("realm") == "x"));
  }
  CHECK(parse_challenges("").empty());
  CHECK(parse_challenges("=\"x\"").empty());
  CHECK(parse_challenges("realm=x").empty());
}

}  // namespace marvel::deploy::images
