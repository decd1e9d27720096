#include "base/base64.hpp"

#include <doctest/doctest.h>

namespace marvel {

TEST_CASE("base64 has the values of RFC 4648") {
  struct Row {
    const char* bytes;
    const char* text;
  };
  for (const Row& row : {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
                         Row{"foob", "Zm9vYg=="}, Row{"foobar", "Zm9vYmFy"}}) {
    CAPTURE(row.bytes);
    CHECK(base64_encode(row.bytes) == row.text);
    CHECK(base64_decode(row.text) == row.bytes);
  }
  CHECK(base64_url_encode("\xff\xef\xbe") == "_---");
  CHECK(base64_url_encode("f") == "Zg");
}

TEST_CASE("every byte survives, line ends are skipped") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
  }
  std::string text = base64_encode(all);
  CHECK(base64_decode(text) == all);
  text.insert(64, "\r\n");
  CHECK(base64_decode(text) == all);
}

TEST_CASE("what is not base64 is refused") {
  for (const char* text :
       {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm 8", "Zm8-", "\xff\xff\xff\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(base64_decode(text).has_value());
  }
}

}  // namespace marvel
