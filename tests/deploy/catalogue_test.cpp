#include "deploy/catalogue.hpp"

#include "support/temp_dir.hpp"

#include <fstream>

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

const std::string kTemplate =
    "kind: Template\nname: Kafka\ndescription: Streams\nvariables: [{name: NAME, default: k}]\n";

}  // namespace

TEST_CASE("a template's name is its file's name up to the first dot") {
  CHECK(template_id("a/b/kafka.template.yaml").value() == "kafka");
  CHECK(template_id("My_App.yaml").value() == "my-app");
  for (const char* name : {"", ".yaml", "a b.yaml", "-a.yaml", "../.."}) {
    CAPTURE(name);
    CHECK_FALSE(template_id(name).has_value());
  }
}

TEST_CASE("what was added comes back, byte for byte, until it is removed") {
  const test::TempDir dir;
  const auto folder = dir / "deep/catalogue";
  CHECK(list_templates(folder).value().empty());
  REQUIRE(add_template(folder, "kafka", kTemplate, false).has_value());
  CHECK(get_template(folder, "kafka").value() == kTemplate);
  const auto entries = list_templates(folder).value();
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].name == "Kafka");
  CHECK(entries[0].variables == std::vector<std::string>{"NAME"});
  REQUIRE(remove_template(folder, "kafka").has_value());
  CHECK(get_template(folder, "kafka").error().code == Errc::kNotFound);
  CHECK(remove_template(folder, "kafka").error().code == Errc::kNotFound);
}

TEST_CASE("another text under the same name needs --replace") {
  const test::TempDir dir;
  REQUIRE(add_template(dir.path(), "k", kTemplate, false).has_value());
  CHECK(add_template(dir.path(), "k", kTemplate, false).has_value());
  CHECK(add_template(dir.path(), "k", kTemplate + "# x\n", false).error().code == Errc::kConflict);
  CHECK(add_template(dir.path(), "k", kTemplate + "# x\n", true).has_value());
}

TEST_CASE("names cannot leave the folder, and plain manifests are no templates") {
  const test::TempDir dir;
  CHECK(add_template(dir.path(), "../x", kTemplate, false).has_value() == false);
  CHECK_FALSE(get_template(dir.path(), "../x").has_value());
  CHECK(add_template(dir.path(), "x", "a: 1\n", false).error().code == Errc::kInput);
}

TEST_CASE("a broken file is listed as broken and hides no other") {
  const test::TempDir dir;
  REQUIRE(add_template(dir.path(), "good", kTemplate, false).has_value());
  std::ofstream(dir / "bad.yaml") << "a: [\n";
  const auto entries = list_templates(dir.path()).value();
  REQUIRE(entries.size() == 2);
  CHECK_FALSE(entries[0].problem.empty());
  CHECK(entries[1].problem.empty());
}

}  // namespace marvel::deploy
