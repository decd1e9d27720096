#include "base/file.hpp"

#include "support/temp_dir.hpp"

#include <csignal>
#include <filesystem>
#include <iterator>
#include <sys/resource.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

namespace marvel {
namespace {

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

}  // namespace

TEST_CASE("what is written atomically is read back, and replaces what was there") {
  const test::TempDir dir;
  const std::string bytes("a\0b\n", 4);
  REQUIRE(write_file_atomically(dir / "f", "old").has_value());
  REQUIRE(write_file_atomically(dir / "f", bytes).has_value());
  CHECK(*read_file(dir / "f") == bytes);
  CHECK(files_in(dir.path()) == 1);
}

TEST_CASE("a full disk is told, and the old file stays") {
  const auto status = write_file_atomically("/dev/full/x", "bytes");
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == Errc::kUnavailable);
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "old").has_value());
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = 2;
  ::setrlimit(RLIMIT_FSIZE, &tight);  // the temporary has no room
  const auto refused = write_file_atomically(dir / "f", "new");
  ::setrlimit(RLIMIT_FSIZE, &before);
  (void)std::signal(SIGXFSZ, handler);
  CHECK_FALSE(refused.has_value());
  CHECK(*read_file(dir / "f") == "old");
  CHECK(files_in(dir.path()) == 1);
}

TEST_CASE("a FIFO, a folder and a link to a device are refused and stay what they are") {
  const test::TempDir dir;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  std::filesystem::create_directory(dir / "folder");
  std::filesystem::create_symlink("/dev/null", dir / "device");
  for (const char* name : {"fifo", "folder", "device"}) {
    CAPTURE(name);
    const auto before = std::filesystem::symlink_status(dir / name).type();
    const auto status = write_file_atomically(dir / name, "bytes");
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().message.find("no regular file") != std::string::npos);
    CHECK(std::filesystem::symlink_status(dir / name).type() == before);
  }
  CHECK(files_in(dir.path()) == 3);
}

TEST_CASE("a link to a file is replaced, and files beside it are left alone") {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f.tmp", "mine").has_value());
  std::filesystem::create_symlink("f.tmp", dir / "f");
  REQUIRE(write_file_atomically(dir / "f", "new").has_value());
  CHECK(std::filesystem::symlink_status(dir / "f").type() == std::filesystem::file_type::regular);
  CHECK(*read_file(dir / "f") == "new");
  CHECK(*read_file(dir / "f.tmp") == "mine");
}

TEST_CASE("a file keeps its mode, and no byte of it is ever seen by others") {
  using std::filesystem::perms;
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "old").has_value());
  const perms usual = std::filesystem::status(dir / "f").permissions();
  std::filesystem::permissions(dir / "f", perms::owner_read | perms::owner_write);
  {
    auto file = AtomicFile::open(dir / "f");
    REQUIRE(file.has_value());
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
      CHECK(entry.status().permissions() == (perms::owner_read | perms::owner_write));
    }
    REQUIRE(file->write("new").has_value());
    REQUIRE(file->commit().has_value());
  }
  CHECK(std::filesystem::status(dir / "f").permissions() ==
        (perms::owner_read | perms::owner_write));
  CHECK(*read_file(dir / "f") == "new");
  REQUIRE(write_file_atomically(dir / "g", "new").has_value());
  CHECK(std::filesystem::status(dir / "g").permissions() == usual);
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
  CHECK(files_in(dir.path()) == 1);
  auto whole = AtomicFile::open(dir / "f");
  REQUIRE(whole.has_value());
  CHECK(whole->write("ne").has_value());
  CHECK(whole->write("w").has_value());
  CHECK(whole->commit().has_value());
  CHECK(*read_file(dir / "f") == "new");
  CHECK(files_in(dir.path()) == 1);
}

}  // namespace marvel
