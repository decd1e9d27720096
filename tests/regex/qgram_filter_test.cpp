#include "regex/qgram_filter.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
TEST_CASE("a filter wants literals of at least three bytes") {
  CHECK_FALSE(QgramFilter::make({}).has_value());
  CHECK_FALSE(QgramFilter::make({"abcdef", "ab"}).has_value());
  CHECK(QgramFilter::make({"abc"}).has_value());
}

TEST_CASE("grams grow with the number of literals, and strides with their length") {
  const auto few = QgramFilter::make({"siren", "applause"});
  CHECK(few->gram() == 4);
  CHECK(few->stride() == 2);
  CHECK(QgramFilter::make({"a very long literal indeed"})->stride() == 4);
  std::vector<std::string> many;
  for (int i = 10'000; i < 11'000; ++i) {
    many.push_back("word" + std::to_string(i));
  }
  CHECK(QgramFilter::make(many)->gram() == 6);
  CHECK(QgramFilter::make(many)->stride() == 4);
}

TEST_CASE("a literal is known by its window") {
  const auto filter = QgramFilter::make({"siren", "applause"});
  const std::string text = "the SIREN, then applause";
  CHECK(filter->literal_around(text, 4) == 4);
  CHECK(filter->literal_around(text, 5) == std::string::npos);
  CHECK(filter->literal_around(text, text.size() - 1) == std::string::npos);
  std::size_t found = 0;  // its window may begin further in
  for (std::size_t at = 16; at < text.size(); ++at) {
    found += filter->literal_around(text, at) == 16 ? 1 : 0;
  }
  CHECK(found == 1);
}

}  // namespace marvel::regex
