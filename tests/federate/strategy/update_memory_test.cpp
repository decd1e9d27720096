#include "federate/strategy/update_memory.hpp"

#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <cmath>
#include <filesystem>
#include <tuple>
#include <utility>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

using test_models::model_of;
using test_models::update_of;
using test_models::values_of;

const std::vector<double> kZeros{0, 0};

UpdateMemory memory_in(const test::TempDir& folder) {
  auto memory = UpdateMemory::open(folder.path(), model_of(kZeros));
  REQUIRE(memory.has_value());
  CHECK(std::filesystem::is_empty(folder.path()));  // nothing is left when the process dies
  return std::move(*memory);
}

// A round that merges one client; what its news are, once, and their size.
std::pair<std::vector<double>, double> round_of(UpdateMemory& memory, const std::string& client,
                                                const std::vector<double>& to, double examples) {
  REQUIRE(memory.begin().has_value());
  REQUIRE(memory.keep(client, examples, update_of(to), model_of({1, 1})).has_value());
  Model news = model_of(kZeros);
  const auto size = memory.add_news(client, 2, news);
  REQUIRE(size.has_value());
  REQUIRE(memory.commit().has_value());
  return {values_of(news), *size};
}

}  // namespace

TEST_CASE("news are what has changed since a client's last change, and the sum has the newest") {
  const test::TempDir folder;
  auto memory = memory_in(folder);
  auto [news, size] = round_of(memory, "a", {4, 5}, 10);
  CHECK(news == std::vector<double>{6, 8});
  CHECK(size == doctest::Approx(std::sqrt((9.0 + 16.0) / 2)));
  CHECK(values_of(memory.sum()) == std::vector<double>{30, 40});
  round_of(memory, "b", {2, 1}, 5);
  CHECK(values_of(memory.sum()) == std::vector<double>{35, 40});
  std::tie(news, size) = round_of(memory, "a", {4, 3}, 100);
  CHECK(news == std::vector<double>{0, -4});
  CHECK(size == doctest::Approx(std::sqrt(2.0)));
  CHECK(values_of(memory.sum()) == std::vector<double>{305, 200});
  CHECK(memory.clients() == 2);
}

TEST_CASE("what a void round has kept is not remembered") {
  const test::TempDir folder;
  auto memory = memory_in(folder);
  round_of(memory, "a", {4, 5}, 10);
  REQUIRE(memory.begin().has_value());
  REQUIRE(memory.keep("a", 1, update_of({7, 7}), model_of({1, 1})).has_value());
  REQUIRE(memory.keep("c", 1, update_of({7, 7}), model_of({1, 1})).has_value());
  REQUIRE(memory.begin().has_value());
  REQUIRE(memory.commit().has_value());
  CHECK(memory.clients() == 1);
  CHECK(values_of(memory.sum()) == std::vector<double>{30, 40});
  CHECK(round_of(memory, "a", {4, 5}, 10).first == kZeros);
}

TEST_CASE("a client that is forgotten weighs no more and begins anew") {
  const test::TempDir folder;
  auto memory = memory_in(folder);
  round_of(memory, "a", {4, 5}, 10);
  round_of(memory, "b", {2, 1}, 5);
  memory.forget("a");
  memory.forget("a");
  memory.forget("nobody");
  REQUIRE(memory.begin().has_value());
  CHECK(values_of(memory.sum()) == std::vector<double>{5, 0});
  CHECK(round_of(memory, "a", {2, 2}, 1).first == std::vector<double>{2, 2});
}

TEST_CASE("models of several tensors and blocks keep their order") {
  const test::TempDir folder;
  std::vector<double> many(20000);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i] = static_cast<double>(i);
  }
  Model like = model_of(std::vector<double>(many.size()), Dtype::kFloat32);
  auto memory = UpdateMemory::open(folder.path(), like);
  REQUIRE(memory.has_value());
  for (const double examples : {1.0, 2.0}) {
    REQUIRE(memory->begin().has_value());
    REQUIRE(memory->keep("a", examples, update_of(many, Dtype::kFloat32), like).has_value());
    REQUIRE(memory->commit().has_value());
  }
  CHECK(values_of(memory->sum())[19999] == 2 * 19999.0);
  CHECK(values_of(memory->sum())[8192] == 2 * 8192.0);
}

TEST_CASE("a folder without a place for updates is told") {
  CHECK(UpdateMemory::open("/nonexistent/folder", model_of({1})).error().code ==
        Errc::kUnavailable);
}

}  // namespace marvel::federate
