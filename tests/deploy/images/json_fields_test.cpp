#include "deploy/images/json_fields.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy::images {

TEST_CASE("fields that are missing or of another type read as empty") {
  const auto json = parse_json(R"({"a":"x","n":5,"m":-5,"l":["y",1],"o":{}})", "t");
  REQUIRE(json.has_value());
  CHECK(text_of(*json, "a") == "x");
  CHECK(text_of(*json, "n").empty());
  CHECK(text_of(*json, "none").empty());
  CHECK(number_of(*json, "n") == 5);
  CHECK_FALSE(number_of(*json, "m").has_value());
  CHECK(texts_of(*json, "l").size() == 1);
  CHECK(texts_of(*json, "a").empty());
  CHECK(member(member(*json, "a"), "b").is_null());
}

TEST_CASE("depth is limited, brackets inside strings do not count") {
  CHECK(parse_json(std::string(64, '[') + std::string(64, ']'), "t").has_value());
  CHECK_FALSE(parse_json(std::string(65, '[') + std::string(65, ']'), "t").has_value());
  CHECK(parse_json("\"" + std::string(200, '[') + "\\\"[\"", "t").has_value());
  CHECK_FALSE(parse_json("", "t").has_value());
}

}  // namespace marvel::deploy::images
