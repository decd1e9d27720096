#include "deploy/images/link.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

std::string next(const std::string& link) {
  const auto page = next_page({{"Link", link}}, "https://h/v2/_catalog?n=1");
  return page ? *page : "refused";
}

}  // namespace

TEST_CASE("the next page stays with its server") {
  CHECK(next(R"(</v2/_catalog?last=a&n=1>; rel="next")") == "https://h/v2/_catalog?last=a&n=1");
  CHECK(next(R"(<https://h/v2/x>; rel=next)") == "https://h/v2/x");
  CHECK(next(R"(<https://evil/v2/x>; rel="next")") == "refused");
  CHECK(next(R"(</v2/_catalog?n=1>; rel="next")") == "refused");
  CHECK(next(R"(</v2/x>; rel="prev")").empty());
  CHECK(next("><next").empty());
  CHECK(next_page({}, "https://h/")->empty());
}

TEST_CASE("ranges count bytes from 0, and 0-0 is none") {
  const auto offset = [](const std::string& range) { return upload_offset({{"Range", range}}); };
  CHECK(offset("0-59999") == 60'000);
  CHECK(offset("bytes=0-9") == 10);
  CHECK(offset("0-0") == 0);
  for (const auto* const bad :
       {"", "5", "1-5", "0-", "0-x", "-", "0-99999999999999999999", "0--1"}) {
    CHECK_FALSE(offset(bad).has_value());
  }
  CHECK_FALSE(upload_offset({}).has_value());
}

}  // namespace marvel::deploy::images
