#include "base/text.hpp"

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("splitting and joining are inverse") {
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string>{""});
  for (const char* text : {"", "a", "a,b", ",", "a,,b,"}) {
    CHECK(join(split(text, ','), ",") == text);
  }
}

TEST_CASE("trimming removes blanks at both sides only") {
  CHECK(trim(" \ta b\r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(trim("").empty());
}

TEST_CASE("whole numbers are read to the last character") {
  CHECK(parse_integer("-12").value() == -12);
  CHECK(parse_unsigned("18446744073709551615").value() == 18446744073709551615U);
  for (const char* text : {"", " 1", "1 ", "1.5", "0x10", "one", "+1", "1e3"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_integer(text).has_value());
  }
  CHECK_FALSE(parse_unsigned("-1").has_value());
}

TEST_CASE("a number out of range says so") {
  CHECK(parse_integer("9223372036854775808").error().message ==
        "'9223372036854775808' is out of range");
}

TEST_CASE("real numbers are finite and use a point") {
  CHECK(parse_real("1e-3").value() == doctest::Approx(0.001));
  CHECK(parse_real("-.5").value() == doctest::Approx(-0.5));
  for (const char* text : {"", "1,5", "nan", "inf", "-inf", "1.5x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_real(text).has_value());
  }
}

TEST_CASE("switches are read in the usual spellings") {
  for (const char* text : {"true", "True", "YES", "on", "1"}) {
    CHECK(parse_bool(text).value());
  }
  for (const char* text : {"false", "No", "OFF", "0"}) {
    CHECK_FALSE(parse_bool(text).value());
  }
  CHECK(parse_bool("2").error().message == "'2' is neither true nor false");
}

TEST_CASE("wrapped lines keep all words and stay within the width") {
  const auto lines = wrap("one two three four", 9);
  CHECK(lines == std::vector<std::string>{"one two", "three", "four"});
  CHECK(wrap("incomprehensible", 4) == std::vector<std::string>{"incomprehensible"});
}

}  // namespace marvel
