#include "base/file.hpp"

#include "support/temp_dir.hpp"

#include <filesystem>

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("what is written atomically is read back, and replaces what was there") {
  const test::TempDir dir;
  const std::string bytes("a\0b\n", 4);
  REQUIRE(write_file_atomically(dir / "f", "old").has_value());
  REQUIRE(write_file_atomically(dir / "f", bytes).has_value());
  CHECK(*read_file(dir / "f") == bytes);
  CHECK_FALSE(std::filesystem::exists(dir / "f.tmp"));
}

TEST_CASE("a full disk is told, and the old file stays") {
  const auto status = write_file_atomically("/dev/full/x", "bytes");
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kUnavailable);
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "old").has_value());
  std::filesystem::create_symlink("/dev/full", dir / "f.tmp");  // the temporary has no room
  CHECK_FALSE(write_file_atomically(dir / "f", "new").has_value());
  CHECK(*read_file(dir / "f") == "old");
}

TEST_CASE("a missing file and a folder are refused as input") {
  const test::TempDir dir;
  CHECK(read_file(dir / "none").error().code == Errc::kInput);
  CHECK(read_file(dir.path()).error().code == Errc::kInput);
}

TEST_CASE("a file written in pieces replaces the old one when it is complete, and only then") {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "old").has_value());
  {
    auto half = AtomicFile::open(dir / "f");
    REQUIRE(half.has_value());
    CHECK(half->write("ne").has_value());
    CHECK(*read_file(dir / "f") == "old");
  }
  CHECK_FALSE(std::filesystem::exists(dir / "f.tmp"));
  auto whole = AtomicFile::open(dir / "f");
  REQUIRE(whole.has_value());
  CHECK(whole->write("ne").has_value());
  CHECK(whole->write("w").has_value());
  CHECK(whole->commit().has_value());
  CHECK(*read_file(dir / "f") == "new");
  CHECK_FALSE(std::filesystem::exists(dir / "f.tmp"));
}

}  // namespace marvel
