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

TEST_CASE("a password that looks like an anchor is refused, and not repeated") {
  Values values;
  for (const auto* const text : {"A: &hunter2\n", "A: &hunter2 x\n", "A: !hunter2\n"}) {
    const auto done = set_values_from_file(text, "v.yaml", values);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message.starts_with("v.yaml:1:"));
    CHECK(done.error().message.find("hunter2") == std::string::npos);
    CHECK(done.error().hint == "a value that begins with !, & or * needs quotes");
  }
  CHECK(values.empty());
}

TEST_CASE("a required variable takes no empty value") {
  const auto source = read_template(
      "kind: Template\nname: t\nvariables: [{name: A}, {name: B, default: b}]\n", "t.yaml");
  for (const auto* const text : {"A:\n", "A: ~\n", "A: null\n", "A: ''\n"}) {
    Values values;
    REQUIRE(set_values_from_file(text, "v.yaml", values).has_value());
    CHECK(effective_values(*source, values).error().message ==
          "t.yaml:3:13: A is required, and its value is empty");
  }
  Values values;
  REQUIRE(set_values_from_file("A: 'null'\nB:\n", "v.yaml", values).has_value());
  CHECK(effective_values(*source, values)->at("A") == "null");
  CHECK(effective_values(*source, values)->at("B").empty());
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

TEST_CASE("the platform's values are the weakest, and know the service's name") {
  const auto source = read_template(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
      "data: {h: $HOSTNAME, r: $REGISTRY, p: $PRIVATE_DIR}\n---\n"
      "kind: Template\nname: t\nvariables: [{name: NAME, default: cam}, {name: HOSTNAME, default: "
      "''},\n"
      "  {name: REGISTRY, default: own}, {name: PRIVATE_DIR, default: /p}]\n",
      "t.yaml");
  REQUIRE(source.has_value());
  Values values{{"REGISTRY", {"given", true}}};
  REQUIRE(set_predefined({"HOSTNAME=old, REGISTRY=r:5000", "HOSTNAME=${NAME}-anna.$NAMESPACE.eu"},
                         values)
              .has_value());
  values["NAMESPACE"] = {"grn", false};
  const auto found = effective_values(*source, values);
  REQUIRE(found.has_value());
  CHECK(found->at("HOSTNAME") == "cam-anna.grn.eu");
  CHECK(found->at("REGISTRY") == "given");
  CHECK(found->at("PRIVATE_DIR") == "/p");
  values["NAME"] = {"other", false};
  CHECK(effective_values(*source, values)->at("HOSTNAME") == "other-anna.grn.eu");
}

TEST_CASE("only what a platform predefines can be predefined") {
  Values values;
  CHECK(set_predefined({"HOSTNAM=x"}, values).error().hint == "did you mean HOSTNAME=VALUE?");
  CHECK_FALSE(set_predefined({"HOSTNAME"}, values).has_value());
  CHECK_FALSE(set_predefined({"NAME=x"}, values).has_value());
  CHECK(set_predefined({"", " "}, values).has_value());
  CHECK(values.empty());
}

}  // namespace marvel::deploy
