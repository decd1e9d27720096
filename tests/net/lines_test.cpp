#include "net/lines.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::net {
namespace {

// The lines of `text` when it comes in pieces of `piece` bytes, then what is left.
std::vector<std::string> cut(const std::string& text, std::size_t piece, std::size_t limit = 100) {
  LineSplitter splitter(limit);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto status = splitter.push(text.substr(at, piece), [&](std::string_view line) -> Status {
      lines.emplace_back(line);
      return {};
    });
    if (!status) {
      lines.emplace_back("too long");
      return lines;
    }
  }
  lines.push_back(splitter.rest());
  return lines;
}

}  // namespace

TEST_CASE("lines are the same however they arrive") {
  const std::string text = "one\r\n\ntwo\nthree\n\nrest";
  const std::vector<std::string> wanted{"one", "", "two", "three", "", "rest"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CHECK(cut(text, piece) == wanted);
  }
}

TEST_CASE("a line beyond the limit is refused, one at the limit is not") {
  for (const std::size_t piece : {1U, 3U, 50U}) {
    CHECK(cut("12345\n1234\n", piece, 5) == std::vector<std::string>{"12345", "1234", ""});
    CHECK(cut("1\n123456\n", piece, 5) == std::vector<std::string>{"1", "too long"});
    CHECK(cut("1\n123456", piece, 5) == std::vector<std::string>{"1", "too long"});
  }
}

TEST_CASE("a taker's failure is passed on") {
  LineSplitter splitter(10);
  const auto status = splitter.push(
      "a\nb\n", [](std::string_view) -> Status { return fail(Errc::kConflict, "no"); });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().message == "no");
}

}  // namespace marvel::net
