#include "regex/opencl/engine.hpp"

#include "base/file.hpp"
#include "regex/host_finder.hpp"
#include "regex/input.hpp"
#include "regex/judge.hpp"
#include "regex/seeds.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>

#include <doctest/doctest.h>

namespace marvel::regex::opencl {
namespace {

constexpr std::size_t kRoomy = std::size_t{8} << 20;

// Every device of this machine; without one there is nothing to test, and that must not pass.
const std::vector<Device>& devices() {
  static const std::vector<Device> kDevices = list_devices().value();
  REQUIRE_FALSE(kDevices.empty());
  return kDevices;
}

PatternSet set_of(const std::vector<std::string>& patterns) {
  std::vector<Tree> trees;
  for (const auto& pattern : patterns) {
    trees.push_back(*parse(pattern, {}));
  }
  return make_set({}, trees);
}

using Ends = std::vector<std::uint32_t>;

Ends on_device(const std::shared_ptr<const Engine>& engine, const std::string& text,
               std::uint32_t piece) {
  const std::string padded = text + std::string(Block::kPadding, 'x');
  Ends ends;
  REQUIRE(Finder(engine, kRoomy, nullptr, piece)
              .find(std::string_view(padded).substr(0, text.size()), ends)
              .has_value());
  return ends;
}

Ends on_host(const PatternSet& set, const std::string& text) {
  Ends ends;
  LineFinder(*set.program, kRoomy).find(text, ends);
  return ends;
}

// Line ends that RE2 marks.
Ends by_re2(const std::vector<std::string>& patterns, const std::string& text) {
  Ends ends;
  const auto lines = test::lines_of(text);
  const auto his = test::re2_which(patterns, lines);
  std::size_t end = 0;
  for (std::size_t i = 0; i < his.size(); ++i) {
    end += lines[i].size();
    if (!his[i].empty()) {
      ends.push_back(static_cast<std::uint32_t>(end));
    }
    ++end;
  }
  return ends;
}

std::vector<std::string> random_set(CounterRng& rng) {
  std::vector<std::string> patterns;
  const bool with_words = rng.below(2) == 0;
  while (patterns.size() < 1 + rng.below(4)) {
    std::string pattern = test::random_pattern(rng);
    pattern += with_words ? "abcx" : "";
    if (parse(pattern, {}) && test::re2_accepts(pattern)) {
      patterns.push_back(std::move(pattern));
    }
  }
  return patterns;
}

}  // namespace

TEST_CASE("devices mark the lines that RE2 marks, whatever the pieces") {
  for (const Device& device : devices()) {
    for (std::uint64_t seed = 0; seed < test::seeds(150); ++seed) {
      CAPTURE(seed);
      CounterRng rng(stream_key(21, seed));
      const auto patterns = random_set(rng);
      const std::string text = test::random_text(rng, 1 + rng.below(400));
      const PatternSet set = set_of(patterns);
      const auto engine = Engine::make(device, set, {});
      REQUIRE(engine.has_value());
      const Ends his = by_re2(patterns, text);
      CAPTURE(patterns);
      for (const std::uint32_t piece : {0U, 1U, 7U, 64U, 1'000U, 4'096U}) {
        CAPTURE(piece);
        REQUIRE(on_device(*engine, text, piece) == his);
      }
    }
  }
}

TEST_CASE("lines and literals across the borders of pieces are found") {
  for (const auto& patterns : std::vector<std::vector<std::string>>{
           {"needle"}, {"needle", "[0-9]{5}$"}, {"(?i)NEEDLE x+ end", "shorter"}}) {
    const PatternSet set = set_of(patterns);
    const auto engine = Engine::make(devices()[0], set, {});
    REQUIRE(engine.has_value());
    std::string text;
    CounterRng rng(stream_key(22, 0));
    while (text.size() < 3'000'000) {
      text += std::string(rng.below(rng.below(50) == 0 ? 400'000 : 90), '-');
      const char* const words[] = {"needle", "NEEDLE xxx end", "12345", "need", "shorter", "\n\n"};
      text += words[rng.below(6)];
      text += rng.below(2) == 0 ? "\n" : "--\n";
    }
    for (const std::uint32_t piece : {0U, 64U, 5'000U, 65'536U, 1U << 20}) {
      CAPTURE(piece);
      CHECK(on_device(*engine, text, piece) == on_host(set, text));
    }
  }
}

TEST_CASE("matches in the very last and first bytes are found") {
  const PatternSet set = set_of({"alarm"});
  const auto engine = Engine::make(devices()[0], set, {});
  for (std::size_t length = 0; length < 40; ++length) {
    CHECK(on_device(*engine, "alarm" + std::string(length, '.') + "\n", 0).size() == 1);
    CHECK(on_device(*engine, std::string(length, '.') + "alarm\n", 0).size() == 1);
    CHECK(on_device(*engine, std::string(length, '.') + "alar\n", 0).empty());
  }
  CHECK(on_device(*engine, "", 0).empty());
}

TEST_CASE("patterns that no table can hold are matched on the host") {
  const std::vector<std::string> patterns{"a.{30}b$", "[xyz]{2}"};
  const PatternSet set = set_of(patterns);
  const auto engine = Engine::make(devices()[0], set, {});
  REQUIRE(engine.has_value());
  std::string text;
  CounterRng rng(stream_key(23, 0));
  for (int i = 0; i < 20'000; ++i) {
    text += "aab..xyz\n"[rng.below(9)];
  }
  text += '\n';
  CHECK(on_device(*engine, text, 0) == by_re2(patterns, text));

  const auto none = Engine::make(devices()[0], set_of({"a.{30}b$"}), {});
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == Errc::kUnavailable);
}

TEST_CASE("a stop ends the host's share of the work") {
  const PatternSet set = set_of({"a.{40}b$", "siren"});
  const auto engine = Engine::make(devices()[0], set, {});
  REQUIRE(engine.has_value());
  const std::string text = "a" + std::string(40, '.') + "b\n" + std::string(Block::kPadding, 'x');
  const auto lines = std::string_view(text).substr(0, text.size() - Block::kPadding);
  StopFlag stop;
  Ends ends;
  REQUIRE(Finder(*engine, kRoomy, &stop).find(lines, ends).has_value());
  CHECK(ends == Ends{42});
  stop.raise(2);
  REQUIRE(Finder(*engine, kRoomy, &stop).find(lines, ends).has_value());
  CHECK(ends.empty());
}

TEST_CASE("whichever kernel wins, nothing is lost") {
  const PatternSet set = set_of({"often", "seldom"});
  const auto engine = Engine::make(devices()[0], set, {});
  Finder finder(*engine, kRoomy);
  const std::string text = std::string("often\nmost often\nno\nseldom\n") + std::string(16, ' ');
  for (int block = 0; block < 70; ++block) {
    Ends ends;
    REQUIRE(finder.find(std::string_view(text).substr(0, text.size() - 16), ends).has_value());
    REQUIRE(ends == Ends{5, 16, 26});
  }
}

TEST_CASE("compiled kernels are kept, and a damaged or missing folder does no harm") {
  const test::TempDir dir;
  const PatternSet set = set_of({"needle"});
  const auto cache = dir / "kernels";
  REQUIRE(Engine::make(devices()[0], set, cache).has_value());
  REQUIRE(std::filesystem::exists(cache));
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(cache)) {
    ++files;
    REQUIRE(write_file_atomically(file.path(), "no kernel").has_value());
  }
  CHECK(files == 2);
  const std::string text = "a needle\n";
  for (const auto& folder : {cache, dir / "kernels" / "x", std::filesystem::path("/dev/null/x")}) {
    const auto engine = Engine::make(devices()[0], set, folder);
    REQUIRE(engine.has_value());
    CHECK(on_device(*engine, text, 0).size() == 1);
  }
}

}  // namespace marvel::regex::opencl
