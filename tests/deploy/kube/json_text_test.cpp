#include "deploy/kube/json_text.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::kube {

TEST_CASE("depth is bounded, brackets in strings do not count") {
  CHECK(parse_json(std::string(200, '[') + std::string(200, ']'), "x").has_value());
  CHECK_FALSE(parse_json(std::string(201, '[') + std::string(201, ']'), "x").has_value());
  CHECK_FALSE(parse_json(std::string(5'000'000, '['), "x").has_value());
  CHECK(parse_json("\"" + std::string(500, '[') + "\\\"[\"", "x").has_value());
}

TEST_CASE("what is no JSON is named") {
  const auto value = parse_json("{\"a\":", "the answer");
  REQUIRE_FALSE(value.has_value());
  CHECK(value.error().message == "the answer is not JSON");
}

TEST_CASE("bytes that are not UTF-8 are written as replacement characters") {
  CHECK(json_text(nlohmann::json("\xff")) == "\"\xEF\xBF\xBD\"");
}

}  // namespace marvel::kube
