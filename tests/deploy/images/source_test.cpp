#include "deploy/images/source.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace marvel::deploy::images {

TEST_CASE("files and memory read alike, at any place") {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "0123456789").has_value());
  const auto file = open_file(dir / "f");
  REQUIRE(file.has_value());
  for (const auto& source : {*file, memory_source("0123456789", "m")}) {
    CHECK(source->size() == 10);
    CHECK(*read_range(*source, 3, 4) == "3456");
    CHECK(read_range(*source, 10, 0)->empty());
    CHECK_FALSE(read_range(*source, 9, 2).has_value());
    CHECK_FALSE(read_range(*source, 11, 0).has_value());
    CHECK_FALSE(read_range(*source, ~std::uint64_t{0}, 2).has_value());
  }
}

TEST_CASE("a file that shrinks while it is read is cut off") {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "0123456789").has_value());
  const auto file = open_file(dir / "f");
  REQUIRE(file.has_value());
  REQUIRE(::truncate((dir / "f").c_str(), 5) == 0);
  const auto bytes = read_range(**file, 0, 10);
  REQUIRE_FALSE(bytes.has_value());
  CHECK(bytes.error().code == Errc::kInput);
}

TEST_CASE("folders and missing files are refused") {
  const test::TempDir dir;
  CHECK(open_file(dir.path()).error().code == Errc::kInput);
  CHECK(open_file(dir / "none").error().code == Errc::kInput);
}

}  // namespace marvel::deploy::images
