#include "deploy/kube/fields.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::kube {

using nlohmann::json;

TEST_CASE("what is absent or of another type reads as nothing") {
  const json object = {{"a", {{"b", 3}, {"s", "x"}, {"t", true}}}, {"list", {1, 2}}};
  CHECK(field(object, {"a", "b"}) == 3);
  CHECK(field(object, {"a", "b", "c"}).is_null());
  CHECK(field(object, {"list", "b"}).is_null());
  CHECK(text(object, {"a", "s"}) == "x");
  CHECK(text(object, {"a", "b"}).empty());
  CHECK(flag(object, {"a", "t"}));
  CHECK_FALSE(flag(object, {"a", "s"}));
}

TEST_CASE("numbers outside 64 bits read as the fallback") {
  const json object = {{"n", 7}, {"big", 18446744073709551615U}, {"f", 1.5}};
  CHECK(whole(object, {"n"}, -1) == 7);
  CHECK(whole(object, {"big"}, -1) == -1);
  CHECK(whole(object, {"f"}, -1) == -1);
  CHECK(whole(object, {"none"}, -1) == -1);
}

TEST_CASE("a text map keeps texts only") {
  const json object = {{"labels", {{"a", "1"}, {"b", 2}}}};
  CHECK(text_map(object, {"labels"}) == std::map<std::string, std::string>{{"a", "1"}});
  CHECK(text_map(object, {"labels", "a"}).empty());
}

}  // namespace marvel::kube
