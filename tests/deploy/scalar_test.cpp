#include "deploy/scalar.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {

using Json = nlohmann::json;

// PyYAML 6.0 gave these values; tests/deploy/pyyaml.py asks it again about random scalars.
TEST_CASE("plain scalars have YAML 1.1's types") {
  const std::vector<std::pair<std::string, Json>> table = {
      {"0644", 420},
      {"0", 0},
      {"08", "08"},
      {"1_000", 1000},
      {"12:30", 750},
      {"-12:30", -750},
      {"0x1F", 31},
      {"0b101", 5},
      {"1e3", "1e3"},
      {"1.0e3", "1.0e3"},
      {"1.0e+3", 1000.0},
      {"0o644", "0o644"},
      {"yes", true},
      {"On", true},
      {"off", false},
      {"y", "y"},
      {"yEs", "yEs"},
      {"null", nullptr},
      {"~", nullptr},
      {"", nullptr},
      {"3.5", 3.5},
      {".5", 0.5},
      {"-.5", "-.5"},
      {"+5", 5},
      {"5.", 5.0},
      {"1.2.3", "1.2.3"},
      {"12:75", "12:75"},
      {"1:30.5", 90.5},
      {".inf", ".inf"},
      {".nan", ".nan"},
      {"2022-06-30", "2022-06-30"},
      {"9223372036854775807", 9223372036854775807},
      {"9223372036854775808", 9223372036854775808.0},
      {"-", "-"},
      {"_", "_"},
      {"0x", "0x"},
      {"0b_", "0b_"},
      {"1__0", 10},
      {"0_7", 7},
      {"+", "+"},
      {"nULL", "nULL"}};
  for (const auto& [text, value] : table) {
    CAPTURE(text);
    CHECK(plain_value(text) == value);
    CHECK(plain_value(text).type() == value.type());
  }
}

TEST_CASE("readers disagree on old octals, clock times, exponents and single letters") {
  for (const char* text : {"0644", "12:30", "1e3", "y", "N", "0o17", "yes", "off", "1_000"}) {
    CAPTURE(text);
    CHECK(ambiguous(text));
  }
  for (const char* text : {"true", "3", "3.5", "text", "", "null", "10.0.0.1", "1.2.3", "v1"}) {
    CAPTURE(text);
    CHECK_FALSE(ambiguous(text));
  }
}

TEST_CASE("text that another reader would type needs quotes") {
  for (const char* text :
       {"3",  "0644",       "1e3", "yes", "y",  "null", "",   "a: b", "- a", "#x", "a #b",
        "{x", "2022-06-30", ".5",  "0o7", "x:", " x",   "x ", "é",    "*",   "<<"}) {
    CAPTURE(text);
    CHECK(needs_quotes(text));
  }
  for (const char* text : {"text", "a:b", "nginx:1.25", "http://x/y", "-Xmx1G", "apps/v1", "a#b"}) {
    CAPTURE(text);
    CHECK_FALSE((needs_quotes(text) && text[0] != '-'));
  }
}

}  // namespace marvel::deploy
