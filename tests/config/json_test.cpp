#include "config/json.hpp"

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("strings are quoted and damaged bytes replaced") {
  CHECK(json_string("a\"b\\c\n") == R"("a\"b\\c\n")");
  CHECK(json_string("\xff") == "\"\xef\xbf\xbd\"");
}

TEST_CASE("an object keeps the order of its members") {
  CHECK(json_object({{"b", "1"}, {"a", json_string("x")}}) == R"({"b": 1, "a": "x"})");
  CHECK(json_object({}) == "{}");
}

TEST_CASE("a document is shown as YAML with its order and types") {
  const auto yaml =
      yaml_from_json(R"({"b": {"y": "no", "x": [1, 2]}, "a": null, "c": [{"d": 1.5}]})");
  CHECK(yaml.value() == "b:\n  y: \"no\"\n  x: [1, 2]\na: null\nc:\n  - d: 1.5\n");
}

TEST_CASE("plain lines hold the path and the value of each leaf") {
  const auto plain = plain_from_json(
      R"({"status": "a\tb", "epochs": [{"loss": 0.5}, {"loss": 0.25}], "units": [3, 2], "x": null})");
  CHECK(plain.value() ==
        "status\ta\\tb\nepochs.0.loss\t0.5\nepochs.1.loss\t0.25\nunits\t3,2\nx\t\n");
}

TEST_CASE("depth counts brackets outside of strings, whether or not they fit each other") {
  CHECK_FALSE(nests_deeper(R"([{"a": [1]}, [[2]]])", 3));
  CHECK(nests_deeper(R"([{"a": [1]}, [[2]]])", 2));
  CHECK_FALSE(nests_deeper(R"(["[[[\"[[[", "\\"])", 1));
  CHECK(nests_deeper(R"(["\\", [)", 1));
  CHECK(nests_deeper("]]]][[", 1));
  CHECK_FALSE(nests_deeper("", 0));
  CHECK_FALSE(nests_deeper("\"\\", 0));
}

TEST_CASE("a damaged document is a bug of ours, not of the user") {
  CHECK(pretty_json("{").error().code == Errc::kInternal);
  CHECK(yaml_from_json("").error().code == Errc::kInternal);
  CHECK(plain_from_json("{]").error().code == Errc::kInternal);
}

}  // namespace marvel
