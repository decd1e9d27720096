#include "regex/pattern.hpp"

#include "regex/line_matcher.hpp"
#include "support/fakes.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

// "id=text" of each pattern, flags behind.
std::vector<std::string> read(std::string_view text, const PatternOptions& options = {}) {
  std::vector<std::string> shown;
  for (const auto& pattern : read_patterns(text, "f", options).patterns) {
    shown.push_back(pattern.id + "=" + pattern.text + (pattern.flags.ignore_case ? "/i" : ""));
  }
  return shown;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a pattern file holds one pattern per line, numbered by line") {
  CHECK(read("siren\n\n# comment\n\\#tag\r\nlast") == Texts{"1=siren", "4=\\#tag", "5=last"});
  CHECK(read("") == Texts{});
  CHECK(read_patterns("a\n\n\nb\n", "f", {}).empty_lines == 2);
}

TEST_CASE("comments can be patterns") {
  CHECK(read("#a\n", {.comments = false}) == Texts{"1=#a"});
  CHECK(read("#a\n7:/x/i\n", {.literal = true}) == Texts{"1=#a", "2=7:/x/i"});
}

TEST_CASE("Hyperscan's form gives an id and flags") {
  CHECK(read("17:/si.en/\n") == Texts{"17=si.en"});
  CHECK(read("17:/a/b/is\n") == Texts{"17=a/b/i"});
  CHECK(read("6:/[foo/ #message\n") == Texts{"6=[foo"});
  CHECK(read("6:/foo/H # a / b\n") == Texts{"6=foo"});
}

TEST_CASE("slashes of a comment are not the pattern's, and those of a pattern are not its end") {
  CHECK(read("17:/si.en/i # http://example.com/\n") == Texts{"17=si.en/i"});
  CHECK(read("17:/si.en/\t# see /etc/rules\n") == Texts{"17=si.en"});
  CHECK(read("1:/usr/bin/i\n2:/a/b/ # /c/\n") == Texts{"1=usr/bin/i", "2=a/b"});
  CHECK(read("3:/a/i#b/\n4:/a/i  \n5://i\n") == Texts{"3=a/i#b", "4=a/i", "5=/i"});
  CHECK(read("6:/a\\/b/\n7:/a/ b/\n") == Texts{"6=a\\/b", "7=a/ b"});
}

TEST_CASE("what only looks like that form is a pattern") {
  CHECK(read("80:/x\n12:30\n:/x/\n5:/x/q\n") == Texts{"1=80:/x", "2=12:30", "3=:/x/", "4=5:/x/q"});
}

TEST_CASE("lines that break off that form are pointed out") {
  CHECK(read_patterns("1:/a/\n80:/x\n12:30\n5:/x/q\n", "f", {}).broken_forms ==
        std::vector<std::size_t>{2, 4});
  CHECK(read_patterns("80:/x\n", "f", {.literal = true}).broken_forms.empty());
}

TEST_CASE("an id that two patterns have is a warning") {
  test::CaptureLog log;
  REQUIRE(compile(read_patterns("3:/a/\nb\nc\n", "f", {}).patterns, {}, log).has_value());
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].first == LogLevel::kWarning);
  CHECK(log.lines[0].second.find("id '3'") != std::string::npos);
}

TEST_CASE("patterns that are too many together are refused") {
  std::string text;
  for (int i = 0; i < 1'100; ++i) {
    text += "[ab]{4000}\n";
  }
  test::CaptureLog log;
  const auto set = compile(read_patterns(text, "rules.txt", {}).patterns, {}, log);
  REQUIRE_FALSE(set.has_value());
  CHECK(set.error().code == Errc::kUsage);
  CHECK(set.error().message.find("rules.txt:1049:1: ") == 0);
}

TEST_CASE("all refused patterns are named, with file, line and column") {
  test::CaptureLog log;
  auto file = read_patterns("ok\na(\n9:/x{2,1}/\n", "rules.txt", {});
  file.patterns.push_back(command_line_pattern("[", 1, {}));
  const auto set = compile(std::move(file.patterns), {}, log);
  REQUIRE_FALSE(set.has_value());
  CHECK(set.error().code == Errc::kUsage);
  CHECK(set.error().message == "3 of 4 patterns are refused");
  REQUIRE(log.lines.size() == 3);
  CHECK(log.lines[0].second == "rules.txt:2:2: missing )");
  CHECK(log.lines[1].second.find("rules.txt:3:5: invalid repetition size") == 0);
  CHECK(log.lines[2].second.find("pattern 1 of -e, column 1: missing ]") == 0);
}

TEST_CASE("options apply to every pattern") {
  const auto matches = [](const PatternOptions& options, std::string_view line) {
    test::CaptureLog log;
    const auto set = compile({command_line_pattern("a.c", 1, options)}, options, log);
    return !LineMatcher(*set->program).which(line).empty();
  };
  CHECK(matches({}, "xabcx"));
  CHECK_FALSE(matches({.literal = true}, "abc"));
  CHECK(matches({.ignore_case = true}, "ABC"));
  CHECK_FALSE(matches({.word = true}, "xabc"));
  CHECK_FALSE(matches({.line = true}, "abc "));
}

}  // namespace marvel::regex
