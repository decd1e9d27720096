#include "federate/server/round_log.hpp"

#include "base/fd.hpp"
#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

RoundReport numbered(std::uint64_t round) {
  RoundReport report;
  report.round = round;
  return report;
}

std::vector<std::uint64_t> numbers(const RoundLog& log, std::uint64_t last = 99) {
  std::vector<std::uint64_t> found;
  const auto rounds = log.load(last);
  REQUIRE(rounds.has_value());
  for (const auto& report : *rounds) {
    found.push_back(report.round);
  }
  return found;
}

}  // namespace

TEST_CASE("rounds are read back in order, each once, and none after the last that counts") {
  const test::TempDir dir;
  const RoundLog log(dir / "rounds.jsonl");
  CHECK(numbers(log).empty());
  for (const std::uint64_t round : {1, 2, 2, 3}) {
    REQUIRE(log.append(numbered(round)).has_value());
  }
  CHECK(numbers(log) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(numbers(log, 2) == std::vector<std::uint64_t>{1, 2});
  log.remove();
  CHECK(numbers(log).empty());
}

TEST_CASE("a file that a crash has cut off is completed") {
  const test::TempDir dir;
  const RoundLog log(dir / "out");
  REQUIRE(log.append(numbered(1)).has_value());
  std::ofstream(dir / "out", std::ios::app) << R"({"schema": "marvel.fe)";
  CHECK(numbers(log) == std::vector<std::uint64_t>{1});
  REQUIRE(log.complete({numbered(1), numbered(2), numbered(3)}).has_value());
  CHECK(numbers(log) == std::vector<std::uint64_t>{1, 2, 3});
  REQUIRE(log.complete({numbered(2), numbered(3)}).has_value());
  CHECK(numbers(log) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("of a half line of any length nothing is left, and of whole ones everything") {
  const test::TempDir dir;
  const RoundLog log(dir / "out");
  REQUIRE(log.append(numbered(1)).has_value());
  const auto whole = *read_file(dir / "out");
  for (const std::size_t length : {1, 100, 5000, 100000}) {
    std::ofstream(dir / "out", std::ios::app) << std::string(length, 'x');
    REQUIRE(log.complete({}).has_value());
    CHECK(*read_file(dir / "out") == whole);
  }
  std::ofstream(dir / "out") << "no line has its end";
  REQUIRE(log.complete({}).has_value());
  CHECK(std::filesystem::file_size(dir / "out") == 0);
  REQUIRE(log.complete({}).has_value());
  REQUIRE(log.complete({numbered(1)}).has_value());
  CHECK(*read_file(dir / "out") == whole);
}

TEST_CASE("a pipe is not completed, and is no reason to refuse") {
  const test::TempDir dir;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const Fd reader(::open((dir / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(reader.is_open());
  CHECK(RoundLog(dir / "pipe").complete({numbered(1)}).has_value());
  char byte = 0;
  CHECK(::read(reader.get(), &byte, 1) == 0);  // nobody has written
}

TEST_CASE("a line for which there is no room leaves no part of itself") {
  const test::TempDir dir;
  const RoundLog log(dir / "rounds.jsonl");
  REQUIRE(log.append(numbered(1)).has_value());
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = std::filesystem::file_size(dir / "rounds.jsonl") + 10;
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = log.append(numbered(2));
  ::setrlimit(RLIMIT_FSIZE, &before);
  (void)std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::kUnavailable);
  REQUIRE(log.append(numbered(2)).has_value());
  CHECK(numbers(log) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("a full disk is told") {
  CHECK(RoundLog("/dev/full").append(numbered(1)).error().code == Errc::kUnavailable);
  CHECK(numbers(RoundLog("/dev/full")).empty());
}

}  // namespace marvel::federate
