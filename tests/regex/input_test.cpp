#include "regex/input.hpp"

#include "base/fd.hpp"
#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

// All blocks put together; checks that each ends with a line end and follows the one before.
std::string read_all(const std::string& path, bool& added, std::size_t& blocks) {
  auto input = Input::open(path);
  REQUIRE(input.has_value());
  const StopFlag stop;
  Block block;
  std::string all;
  blocks = 0;
  while (true) {
    const auto more = input->next(block, stop);
    REQUIRE(more.has_value());
    if (!*more) {
      return all;
    }
    CHECK(block.offset == all.size());
    REQUIRE_FALSE(block.text().empty());
    CHECK(block.text().back() == '\n');
    all += block.text();
    added = block.line_end_added;
    ++blocks;
  }
}

}  // namespace

TEST_CASE("an input comes back whole, in blocks of lines") {
  const test::TempDir dir;
  std::string text;
  while (text.size() < 3'500'000) {
    text += std::string(text.size() % 997, 'x') + "\n";
  }
  REQUIRE(write_file_atomically(dir / "f", text).has_value());
  bool added = false;
  std::size_t blocks = 0;
  CHECK(read_all((dir / "f").string(), added, blocks) == text);
  CHECK_FALSE(added);
  CHECK(blocks >= 4);
}

TEST_CASE("a line longer than any block stays one line") {
  const test::TempDir dir;
  const std::string text = "a\n" + std::string(5'000'000, 'x') + "\nb\n";
  REQUIRE(write_file_atomically(dir / "f", text).has_value());
  bool added = false;
  std::size_t blocks = 0;
  CHECK(read_all((dir / "f").string(), added, blocks) == text);
}

TEST_CASE("a last line without end gets one, at every size around a block's") {
  const test::TempDir dir;
  bool added = false;
  std::size_t blocks = 0;
  for (const std::size_t size :
       {1U, 2U, 4096U, (1U << 20) - 2, (1U << 20) - 1, 1U << 20, (1U << 20) + 1}) {
    const std::string text(size, 'x');
    REQUIRE(write_file_atomically(dir / "f", text).has_value());
    CHECK(read_all((dir / "f").string(), added, blocks) == text + "\n");
    CHECK(added);
    const std::string ended = text.substr(1) + "\n";
    REQUIRE(write_file_atomically(dir / "f", ended).has_value());
    CHECK(read_all((dir / "f").string(), added, blocks) == ended);
    CHECK_FALSE(added);
  }
  REQUIRE(write_file_atomically(dir / "f", "").has_value());
  CHECK(read_all((dir / "f").string(), added, blocks).empty());
}

TEST_CASE("folders and missing files are refused by name") {
  const test::TempDir dir;
  const auto folder = Input::open(dir.path().string());
  REQUIRE_FALSE(folder.has_value());
  CHECK(folder.error().message.find("is a folder") != std::string::npos);
  const auto missing = Input::open((dir / "missing").string());
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == Errc::kInput);
}

TEST_CASE("a file knows its other descriptors, under any name") {
  const test::TempDir dir;
  REQUIRE(write_file_atomically(dir / "f", "x\n").has_value());
  REQUIRE(write_file_atomically(dir / "g", "x\n").has_value());
  std::filesystem::create_symlink("f", dir / "link");
  const Fd output(::open((dir / "f").c_str(), O_WRONLY | O_APPEND));
  CHECK(Input::open((dir / "f").string())->is_file_of(output.get()));
  CHECK(Input::open((dir / "link").string())->is_file_of(output.get()));
  CHECK_FALSE(Input::open((dir / "g").string())->is_file_of(output.get()));
  CHECK_FALSE(Input::open("/dev/null")->is_file_of(Fd(::open("/dev/null", O_WRONLY)).get()));
}

TEST_CASE("a FIFO without a writer is opened at once, and waits for the first one") {
  const test::TempDir dir;
  const std::string path = (dir / "pipe").string();
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  StopFlag stop;
  Block block;
  auto input = Input::open(path);
  REQUIRE(input.has_value());
  std::thread writer([&path] {
    const Fd end(::open(path.c_str(), O_WRONLY));
    (void)write_all(end.get(), "one\n");
  });
  CHECK(*input->next(block, stop));
  CHECK(block.text() == "one\n");
  writer.join();
  CHECK_FALSE(*input->next(block, stop));  // the writer is gone
  auto lonely = Input::open(path);
  REQUIRE(lonely.has_value());
  std::thread stopper([&stop] { stop.raise(2); });
  CHECK_FALSE(*lonely->next(block, stop));
  stopper.join();
}

TEST_CASE("a pipe hands on what was written while it stays open, and a stop ends the wait") {
  const test::TempDir dir;
  const std::string path = (dir / "pipe").string();
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int writer = ::open(path.c_str(), O_RDWR);  // both ends, so that opening does not wait
  auto input = Input::open(path);
  REQUIRE(input.has_value());
  CHECK(input->may_wait());
  CHECK(input->waits());
  REQUIRE(::write(writer, "one\ntw", 6) == 6);
  StopFlag stop;
  Block block;
  CHECK(*input->next(block, stop));
  CHECK(block.text() == "one\n");
  REQUIRE(::write(writer, "o\n", 2) == 2);
  CHECK(*input->next(block, stop));
  CHECK(block.text() == "two\n");
  CHECK(block.offset == 4);
  std::thread stopper([&stop] { stop.raise(2); });
  CHECK_FALSE(*input->next(block, stop));
  stopper.join();
  ::close(writer);
}

}  // namespace marvel::regex
