#include "base/utf8.hpp"

#include <doctest/doctest.h>

namespace marvel {

using namespace std::string_view_literals;

TEST_CASE("valid UTF-8 is told from what only looks like it") {
  for (const auto text : {""sv, "a\0b"sv, "\xc3\xa9"sv, "\xe2\x82\xac"sv, "\xed\x9f\xbf"sv,
                          "\xf0\x9f\x98\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    CHECK(is_utf8(text));
  }
  // Cut short, alone, overlong, a surrogate, beyond the last code point.
  for (const auto text : {"\xc3"sv, "\xa9"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x80\x80"sv,
                          "\xed\xa0\x80"sv, "\xf0\x80\x80\x80"sv, "\xf4\x90\x80\x80"sv,
                          "\xf5\x80\x80\x80"sv, "\xe2\x82"sv, "\xff"sv, "\xe2\x82z"sv}) {
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("the first byte that is no UTF-8 is found") {
  CHECK(utf8_prefix("") == 0);
  CHECK(utf8_prefix("ab\xff\xc3\xa9") == 2);
  CHECK(utf8_prefix("\xc3\xa9\xe2\x82") == 2);  // the character that is cut short
  CHECK(utf8_prefix("\xc3\xa9z") == 3);
}

TEST_CASE("text of strangers cannot steer a terminal, begin a line or turn one around") {
  CHECK(shown_text("plain \u00e9 \U0001F600", 99) == "plain \u00e9 \U0001F600");
  CHECK(shown_text("a\x1b[2Jb\nc\rd\x7f", 99) == "a [2Jb c d ");
  CHECK(shown_text("\u009b31m|\u202e|\u2028|\u2066", 99) == " 31m| | | ");
  CHECK(shown_text("\xff|\xc3", 99) == "\uFFFD|\uFFFD");
  CHECK(shown_text("\xed\xa0\x80", 99) == "\uFFFD\uFFFD\uFFFD");  // a surrogate
}

TEST_CASE("text of strangers is cut between characters") {
  CHECK(shown_text("\u00e9\u00e9\u00e9", 3) == "\u00e9\u00e9\u00e9");
  CHECK(shown_text("\u00e9\u00e9\u00e9", 2) == "\u00e9\u00e9...");
  CHECK(shown_text("", 0).empty());
}

}  // namespace marvel
