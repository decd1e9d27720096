#include "base/error.hpp"

#include "base/result.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

namespace marvel {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) {
    return fail(Errc::kInput, "odd", "give an even one");
  }
  return value / 2;
}

Result<int> quarter(int value) {
  MARVEL_TRY(const int once, half(value));
  MARVEL_TRY(const int twice, half(once));
  return twice;
}

}  // namespace

TEST_CASE("MARVEL_TRY binds values and passes failures on") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().message == "odd");
}

TEST_CASE("an error reads from the outermost operation to the advice") {
  const Error error{Errc::kInput, "it is damaged", "fetch it again", {"reading x", "training"}};
  CHECK(describe(error) == "training: reading x: it is damaged; fetch it again");
}

TEST_CASE("every code has a word of its own") {
  std::set<std::string> words;
  for (int code = 0; code <= static_cast<int>(Errc::kInternal); ++code) {
    words.emplace(errc_name(static_cast<Errc>(code)));
  }
  CHECK(words.size() == 10);
}

}  // namespace marvel
