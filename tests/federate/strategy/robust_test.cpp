// Reference values computed with Flower 1.8.
#include "federate/strategy/robust.hpp"

#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::values_of;

const Model kLike = test_models::model_of({0, 0});

Spool five_clients(const test::TempDir& dir) {
  auto spool = Spool::open(dir.path(), 2);
  for (const auto& values :
       {std::vector<double>{1, 1}, {1.1, 0.9}, {0.9, 1.2}, {1, 1.05}, {9, -9}}) {
    REQUIRE(spool->append(test_models::update_of(values), kLike).has_value());
  }
  return std::move(*spool);
}

void check_near(const std::vector<double>& values, const std::vector<double>& wanted) {
  REQUIRE(values.size() == wanted.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(values[i] == doctest::Approx(wanted[i]).epsilon(1e-7));
  }
}

}  // namespace

TEST_CASE("median and trimmed mean ignore a client that is far off") {
  const test::TempDir dir;
  const Spool spool = five_clients(dir);
  check_near(values_of(*coordinate_median(spool, kLike)), {1, 1});
  check_near(values_of(*trimmed_mean(spool, kLike, 0.2)), {1.0333333333, 0.9833333333});
}

TEST_CASE("the median of an even number of clients is the mean of the middle two") {
  const test::TempDir dir;
  auto spool = Spool::open(dir.path(), 2);
  REQUIRE(spool->append(test_models::update_of({1, 5}), kLike).has_value());
  REQUIRE(spool->append(test_models::update_of({2, 3}), kLike).has_value());
  check_near(values_of(*coordinate_median(*spool, kLike)), {1.5, 4});
}

TEST_CASE("Krum takes the client in the middle, Multi-Krum the mean of the nearest") {
  const test::TempDir dir;
  const Spool spool = five_clients(dir);
  const auto scores = krum_scores(spool, 1);
  REQUIRE(scores.has_value());
  CHECK(lowest(*scores, 1) == std::vector<std::size_t>{0});
  auto three = lowest(*scores, 3);
  std::sort(three.begin(), three.end());
  REQUIRE(three == std::vector<std::size_t>{0, 1, 3});
  check_near(values_of(*mean_of(spool, kLike, three, std::array<double, 3>{10, 20, 40})),
             {1.0285714286, 1});
}

TEST_CASE("one client alone is its own aggregate") {
  const test::TempDir dir;
  auto spool = Spool::open(dir.path(), 2);
  REQUIRE(spool->append(test_models::update_of({4, 5}), kLike).has_value());
  CHECK(krum_scores(*spool, 0)->at(0) == 0);
  check_near(values_of(*coordinate_median(*spool, kLike)), {4, 5});
}

}  // namespace marvel::federate
