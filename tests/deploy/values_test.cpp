#include "deploy/values.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {

TEST_CASE("an assignment is split at its first equals sign") {
  Values values;
  REQUIRE(set_value("A=b=c", values).has_value());
  CHECK(values["A"].text == "b=c");
  CHECK(values["A"].exposed);
  CHECK_FALSE(set_value("A", values).has_value());
  CHECK_FALSE(set_value("=b", values).has_value());
}

TEST_CASE("a file's values are taken as written") {
  Values values;
  REQUIRE(set_values_from_file("A: 0644\nB: yes\nC: \"x: y\"\nD:\n", "v.yaml", values).has_value());
  CHECK(values["A"].text == "0644");
  CHECK(values["B"].text == "yes");
  CHECK(values["C"].text == "x: y");
  CHECK(values["D"].text.empty());
  CHECK_FALSE(values["A"].exposed);
}

TEST_CASE("a file of anything but single values is refused with its place") {
  Values values;
  CHECK(set_values_from_file("A: [1]\n", "v.yaml", values).error().message ==
        "v.yaml:1:4: A must be a single value");
  CHECK_FALSE(set_values_from_file("- a\n", "v.yaml", values).has_value());
  CHECK_FALSE(set_values_from_file("a: 1\n---\nb: 2\n", "v.yaml", values).has_value());
}

TEST_CASE("the environment fills what nothing stronger gave") {
  const auto source = read_template(
      "kind: Template\nname: t\nvariables: [{name: A, default: ''}, {name: B, default: ''}]\n",
      "t.yaml");
  Values values{{"A", {"stronger", false}}};
  set_values_from_environment({{"MARVEL_VAR_A", "weaker"}, {"MARVEL_VAR_B", "b"}, {"C", "c"}},
                              {*source}, values);
  CHECK(values["A"].text == "stronger");
  CHECK(values["B"].text == "b");
  CHECK(values.size() == 2);
}

}  // namespace marvel::deploy
