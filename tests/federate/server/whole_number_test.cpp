#include "federate/server/whole_number.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::federate {

using Json = nlohmann::ordered_json;

TEST_CASE("a count is a whole number, and nothing else is one") {
  CHECK(whole_number(Json::parse("0")) == 0);
  CHECK(whole_number(Json::parse("18446744073709551615")) == UINT64_MAX);
  for (const char* text : {"-1", "1.0", "1e30", "18446744073709551616", "true", "\"1\"", "null"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(whole_number(Json::parse(text)), Json::type_error);
  }
}

}  // namespace marvel::federate
