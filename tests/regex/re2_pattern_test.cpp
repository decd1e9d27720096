#include "regex/re2_pattern.hpp"

#include "regex/judge.hpp"

#include <doctest/doctest.h>

namespace marvel::test {

TEST_CASE("alternatives are kept apart, and nothing else is touched") {
  CHECK(for_re2("a|b") == "a(?:)|(?:)b");
  CHECK(for_re2("[a|b]\\|\\Q|\\E[]|]") == "[a|b]\\|\\Q|\\E[]|]");
  CHECK(for_re2("[^]|x]|y") == "[^]|x](?:)|(?:)y");
  CHECK(for_re2("[[:alpha:]|]|") == "[[:alpha:]|](?:)|(?:)");
  CHECK(for_re2("[\\]|]") == "[\\]|]");
  CHECK(for_re2("\\Qa\\|b") == "\\Qa\\|b");
  CHECK(for_re2("a\\") == "a\\");
  CHECK(for_re2("[^^|]|") == "[^^|](?:)|(?:)");
}

TEST_CASE("the judge is right where RE2 merges alternatives wrongly") {
  CHECK(re2_which({"[ab]|(?i)a"}, {"A"})[0].size() == 1);
  CHECK(re2_which({"\xe9|\xe9\\d"}, {"c\xe9."})[0].size() == 1);
  CHECK(re2_which({"[\\p{^Lu}b](?i)|a"}, {"A"}, Encoding::kUtf8)[0].size() == 1);
  CHECK(re2_span("\xe9|\xe9\\d", "c\xe9..", 0) == "1,2");
}

}  // namespace marvel::test
