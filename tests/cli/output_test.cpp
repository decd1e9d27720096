#include "cli/output.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

const Answer kAnswer{"for people\n", R"({"a": {"b": 1.5}, "c": ["x"]})", 0, ""};

}  // namespace

TEST_CASE("one answer has four forms") {
  CHECK(render(kAnswer, OutputFormat::kTable).value() == "for people\n");
  CHECK(render(kAnswer, OutputFormat::kJson).value().find("\"b\": 1.5") != std::string::npos);
  CHECK(render(kAnswer, OutputFormat::kYaml).value().find("b: 1.5") != std::string::npos);
  CHECK(render(kAnswer, OutputFormat::kPlain).value() == "a.b\t1.5\nc\tx\n");
}

TEST_CASE("an answer without JSON stays text in every form") {
  const Answer text{"a script\n", "", 0, ""};
  CHECK(render(text, OutputFormat::kJson).value() == "a script\n");
}

TEST_CASE("a failure is one line, whatever its message holds") {
  const Error error{Errc::kInput, "cannot read\n'x'", "try y", {"while loading"}};
  const std::string line = error_line(error, "marvel compress", false);
  CHECK(line.find("marvel compress: while loading: cannot read") == 0);
  CHECK(line.find("; try y\n") != std::string::npos);
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
}

TEST_CASE("as JSON a failure keeps code, message and hint apart") {
  const Error error{Errc::kTimeout, "no \"answer\"", "wait", {}};
  CHECK(error_line(error, "marvel", true) ==
        "{\"error\": {\"code\": \"timeout\", \"message\": \"no \\\"answer\\\"\", \"hint\": "
        "\"wait\"}}\n");
}

}  // namespace marvel::cli
