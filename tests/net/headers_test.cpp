#include "net/headers.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::net {

TEST_CASE("names compare without case, and fields keep their order") {
  Headers headers{{"Accept", "a"}, {"ACCEPT", "b"}, {"X", "c"}};
  CHECK(headers.get("accept") == "a");
  CHECK(headers.all("Accept") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(headers.get("Acceptable").has_value());
  headers.set("accept", "d");
  CHECK(headers.all("Accept") == std::vector<std::string>{"d"});
  CHECK(headers.size() == 2);
  CHECK(headers.begin()->first == "X");
}

TEST_CASE("words are the same but for ASCII case only") {
  CHECK(same_word("Bearer", "bEARER"));
  CHECK_FALSE(same_word("Bearer", "Beare"));
  CHECK_FALSE(same_word("[", "{"));
}

}  // namespace marvel::net
