#include "deploy/images/tar.hpp"

#include "base/file.hpp"
#include "deploy/images/tar_builder.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::deploy::images {
namespace {

using test::TarBuilder;

Result<Tar> open(const std::string& bytes) {
  return Tar::open(*memory_source(bytes, "a.tar"));
}

std::string content(const std::string& bytes, const std::string& name) {
  const auto source = memory_source(bytes, "a.tar");
  const auto tar = Tar::open(*source);
  const TarFile* file = tar ? tar->find(name) : nullptr;
  return file == nullptr ? "(none)" : *read_range(*source, file->offset, file->size);
}

std::string why(const std::string& bytes) {
  const auto tar = open(bytes);
  return tar ? "" : tar.error().message;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("files are found where they are, the later of two") {
  const auto tar =
      TarBuilder().file("./a/b", "one").file("c", std::string(600, 'c')).file("a/b", "two").bytes();
  CHECK(content(tar, "a/b") == "two");
  CHECK(content(tar, "c") == std::string(600, 'c'));
  CHECK(content(tar, "a") == "(none)");
  CHECK(content(TarBuilder().file("(a)", "one").bytes(), "(a)") == "one");  // zstd's first byte
}

TEST_CASE("long names of GNU and pax, and pax sizes, are understood") {
  const std::string name = std::string(150, 'n') + "/" + std::string(150, 'm');
  const std::string record = "path=" + name + "\n";
  const std::string pax = std::to_string(record.size() + 4) + " " + record;
  CHECK(content(TarBuilder().entry("x", 'L', name + '\0').file("short", "1").bytes(), name) == "1");
  CHECK(content(TarBuilder().entry("x", 'x', pax).file("short", "2").bytes(), name) == "2");
  // It holds for one entry only.
  const auto two = TarBuilder().entry("x", 'L', name).file("s", "1").file("t", "2").bytes();
  CHECK(content(two, "t") == "2");
}

TEST_CASE("links lead to files of the archive, through other links too") {
  const auto tar = TarBuilder()
                       .link("old/layer.tar", "../one.tar")
                       .link("again", "old/layer.tar")
                       .link("hard", "one.tar", '1')
                       .link("nowhere", "none")
                       .file("one.tar", "bytes")
                       .bytes();
  CHECK(content(tar, "old/layer.tar") == "bytes");
  CHECK(content(tar, "again") == "bytes");
  CHECK(content(tar, "hard") == "bytes");
  CHECK(content(tar, "nowhere") == "(none)");
}

TEST_CASE("nothing leads out of the archive, and links do not run in circles") {
  for (const auto* const name : {"/etc/passwd", "../x", "a/../../x", "a/.."}) {
    CHECK(has(why(TarBuilder().file(name, "x").bytes()), "leads out of the archive"));
  }
  for (const auto* const target : {"/etc/passwd", "../x", "b/../../x"}) {
    CHECK(has(why(TarBuilder().link("a", target).bytes()), "leads out of the archive"));
  }
  CHECK(has(why(TarBuilder().link("a", "b").link("b", "a").bytes()), "circles"));
  CHECK(has(why(TarBuilder().link("a", "a").bytes()), "circles"));
}

TEST_CASE("an archive that is cut off anywhere is refused") {
  const auto whole = TarBuilder().file("a", "bytes").link("b", "a").file("c", "more").bytes();
  const auto end = whole.size() - 1024;
  for (std::size_t size = 0; size < end; ++size) {
    REQUIRE_FALSE(open(whole.substr(0, size)).has_value());
  }
  CHECK(has(why(whole.substr(0, end)), "cut off"));
  CHECK(open(whole).has_value());
}

TEST_CASE("damage, foreign files, packed archives and sparse files are told") {
  auto damaged = TarBuilder().file("a", "x").file("b", "y").bytes();
  damaged[1024 + 5] ^= 1;
  CHECK(has(why(damaged), "checksum"));
  CHECK(has(why(std::string(2000, 'x')), "no tar header"));
  CHECK(has(why("\x1f\x8b" + std::string(100, 'x')), "packed"));
  CHECK(has(why(TarBuilder().entry("a", 'S', "").bytes()), "sparse"));
  CHECK_FALSE(why(TarBuilder().entry("x", 'x', "9 path=a\n9").file("b", "").bytes()).empty());
  CHECK_FALSE(why(TarBuilder().entry("x", 'x', "99 path=a\n").file("b", "").bytes()).empty());
}

TEST_CASE("what tar itself writes in each of its formats is read") {
  const test::TempDir dir;
  const std::string deep = std::string(120, 'd') + "/" + std::string(120, 'e');
  std::filesystem::create_directories(dir / "in" / std::string(120, 'd'));
  REQUIRE(write_file_atomically(dir / "in" / deep, "deep bytes").has_value());
  for (const std::string format : {"gnu", "pax"}) {
    const std::string file = dir / (format + ".tar");
    REQUIRE(test::run_program({"tar", "-C", dir / "in", "--format=" + format, "-cf", file, "."}) ==
            0);
    CHECK(content(*read_file(file), deep) == "deep bytes");
  }
}

}  // namespace marvel::deploy::images
