#include "deploy/scheduling/quantity.hpp"

#include <limits>
#include <string>

#include <doctest/doctest.h>

namespace marvel::scheduling {

TEST_CASE("quantities are read exactly and round up") {
  struct Row {
    const char* text;
    std::int64_t units;
    std::int64_t thousandths;
  };
  for (const Row& row :
       {Row{"0", 0, 0},
        {"1", 1, 1000},
        {"100m", 1, 100},
        {"0.1", 1, 100},
        {"1500m", 2, 1500},
        {"1e3", 1000, 1'000'000},
        {"1E3", 1000, 1'000'000},
        {"12e-1", 2, 1200},
        {"1k", 1000, 1'000'000},
        {"1Ki", 1024, 1'024'000},
        {"1.5Gi", 1'610'612'736, 1'610'612'736'000},
        {"1500M", 1'500'000'000, 1'500'000'000'000},
        {"0.5Ki", 512, 512'000},
        {"1u", 1, 1},
        {"1n", 1, 1},
        {"+5", 5, 5000},
        {".5", 1, 500},
        {"5.", 5, 5000},
        {"1E", 1'000'000'000'000'000'000, std::numeric_limits<std::int64_t>::max()},
        {"0.0000000001", 1, 1}}) {
    CAPTURE(row.text);
    const auto quantity = Quantity::parse(row.text);
    REQUIRE(quantity.has_value());
    CHECK(quantity->units() == row.units);
    CHECK(quantity->thousandths() == row.thousandths);
  }
}

TEST_CASE("amounts beyond 64 bits are the largest one") {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  for (const char* text :
       {"9223372036854775807", "9223372036854775808", "8Ei", "16Ei", "1e30", "100000Pi",
        "1e999999999999", "99999999999999999999999999999999999999Ei"}) {
    CAPTURE(text);
    const auto quantity = Quantity::parse(text);
    if (quantity) {
      CHECK(quantity->units() == kMost);
    } else {
      CHECK(std::string(text).size() > 12);
    }
  }
}

TEST_CASE("what is no amount is refused") {
  for (const char* text :
       {"", " ", "-1", "m", "1 Gi", "1gi", "1KiB", "1e", "1e+", "1e1.5", "0x10", "1,5", "1.2.3",
        "1Kii", "NaN", "1e1e1", "٣", "00000000000000000000000000000000000000001"}) {
    CAPTURE(text);
    CHECK_FALSE(Quantity::parse(text).has_value());
  }
}

}  // namespace marvel::scheduling
