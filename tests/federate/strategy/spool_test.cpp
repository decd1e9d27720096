#include "federate/strategy/spool.hpp"

#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel::federate {

TEST_CASE("any range of coordinates is read back for all updates") {
  const test::TempDir dir;
  auto spool = Spool::open(dir.path(), 5000);
  REQUIRE(spool.has_value());
  CHECK(std::filesystem::is_empty(dir.path()));  // nothing is left when the process dies
  std::vector<double> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(i);
  }
  const Model like = test_models::model_of(values);
  REQUIRE(spool->append(test_models::update_of(values), like).has_value());
  values[4500] = -1;
  REQUIRE(spool->append(test_models::update_of(values), like).has_value());
  std::vector<double> block;
  REQUIRE(spool->read(4499, 2, block).has_value());
  CHECK(block == std::vector<double>{4499, 4500, 4499, -1});
}

TEST_CASE("a folder that is not there is told") {
  CHECK(Spool::open("/nonexistent/folder", 1).error().code == Errc::kUnavailable);
}

}  // namespace marvel::federate
