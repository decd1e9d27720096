#include "deploy/template.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

std::string refusal(const std::string& variables) {
  const auto result = read_template("kind: Template\nname: x\nvariables:\n" + variables, "t.yaml");
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == Errc::kInput);
  return result.error().message;
}

Variable variable(const std::string& lines) {
  const auto result =
      read_template("kind: Template\nname: x\nvariables:\n- name: V\n" + lines, "t.yaml");
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  return result->header->variables[0];
}

}  // namespace

TEST_CASE("the header is found wherever it stands") {
  const std::string header =
      "kind: Template\nname: Kafka\nsingleton: yes\ndatasets: no\n"
      "variables:\n- name: NAME\n  default: kafka\n";
  const std::string object = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n";
  for (const auto& text : {header + "---\n" + object, object + "---\n" + header}) {
    const auto result = read_template(text, "t.yaml");
    REQUIRE(result.has_value());
    REQUIRE(result->header.has_value());
    CHECK(result->header->name == "Kafka");
    CHECK(result->header->singleton);
    CHECK_FALSE(result->header->datasets);
    CHECK(result->header->auth);
    CHECK(result->documents.size() == 1);
  }
}

TEST_CASE("a file without header is a plain manifest") {
  const auto result = read_template("apiVersion: v1\nkind: Pod\n", "t.yaml");
  REQUIRE(result.has_value());
  CHECK_FALSE(result->header.has_value());
}

TEST_CASE("a Template of an API is an object like others") {
  const auto result = read_template(
      "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: x}\n", "t.yaml");
  CHECK_FALSE(result.value().header.has_value());
}

TEST_CASE("defaults keep their text and know whether they were numbers") {
  CHECK(variable("  default: 3\n").typed_default);
  CHECK_FALSE(variable("  default: \"3\"\n").typed_default);
  CHECK_FALSE(variable("  default: three\n").typed_default);
  CHECK(variable("  default: 0644\n").preset == "0644");
  CHECK(variable("  default:\n").preset == "");
  CHECK(variable("  help: none\n").required);
}

TEST_CASE("a broken header is refused with its place") {
  CHECK(refusal("- nme: V\n") == "t.yaml:4:3: unknown key 'nme'");
  CHECK(refusal("- name: V\n  type: integer\n").find("unknown type 'integer'") !=
        std::string::npos);
  CHECK(refusal("- name: 1V\n  default: x\n").find("no name of a variable") != std::string::npos);
  CHECK(refusal("- name: V\n  default: x\n- name: V\n  default: y\n").find("twice") !=
        std::string::npos);
  CHECK(refusal("- name: V\n  default: 9\n  max: 5\n").find("the default does not fit") !=
        std::string::npos);
  CHECK(refusal("- name: V\n  default: x\n  pattern: '('\n").find("no regular expression") !=
        std::string::npos);
  CHECK(refusal("- name: V\n  default: x\n  pattern: '((a{999}){999}){999}'\n").find("too large") !=
        std::string::npos);
  CHECK_FALSE(read_template("kind: Template\nname: x\n", "t.yaml").has_value());
}

TEST_CASE("values are held against type, choices, range and pattern") {
  const Variable number = variable("  default: 3\n  type: int\n  min: 1\n  max: 9\n");
  CHECK(check_value(number, "9").has_value());
  CHECK_FALSE(check_value(number, "10").has_value());
  CHECK_FALSE(check_value(number, "x").has_value());
  CHECK(check_value(number, "0").error().message ==
        "V: '0' is not a number of at least 1 and of at most 9");
  const Variable truth = variable("  default: yes\n  type: bool\n");
  CHECK(check_value(truth, "off").has_value());
  CHECK_FALSE(check_value(truth, "2").has_value());
  const Variable word = variable("  default: b\n  enum: [a, b]\n  pattern: '[a-z]'\n");
  CHECK(check_value(word, "a").has_value());
  CHECK_FALSE(check_value(word, "c").has_value());
  const Variable pattern = variable("  default: v1\n  pattern: 'v[0-9]+'\n");
  CHECK_FALSE(check_value(pattern, "xv1y").has_value());
}

TEST_CASE("a range counts as YAML reads the number") {
  const Variable mode = variable("  default: 0644\n  type: int\n  min: 0400\n  max: 511\n");
  CHECK(mode.min == 256);
  for (const auto* const good : {"0777", "0x1ff", "5_1_1", "511", "0400"}) {
    CHECK(check_value(mode, good).has_value());
  }
  for (const auto* const bad : {"01000", "0x200", "5_1_2", "0377", "512"}) {
    CHECK_FALSE(check_value(mode, bad).has_value());
  }
  const Variable number = variable("  default: 1\n  type: number\n  min: 1\n  max: 1000\n");
  CHECK(check_value(number, "0x10").has_value());
  CHECK(check_value(number, "1e3").has_value());
  CHECK_FALSE(check_value(number, "1_001").has_value());
}

TEST_CASE("a pattern with back-references, which could match for ever, is refused") {
  for (const auto* const pattern : {"(a*)*\\1", "(a)(b)\\9", "\\\\\\1", "[\\]\\1"}) {
    CHECK(refusal("- name: V\n  default: x\n  pattern: '" + std::string(pattern) + "'\n")
              .find("back-reference") != std::string::npos);
  }
  CHECK(check_value(variable("  default: ''\n  pattern: 'a\\\\1\\.'\n"), "a\\1.").has_value());
}

TEST_CASE("a secret value is never repeated in a message") {
  const Variable secret = variable("  secret: true\n  type: int\n");
  CHECK(check_value(secret, "hunter2").error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("every beginning of a template is read or refused") {
  const std::string whole =
      "apiVersion: v1\nkind: Pod\n---\nkind: Template\nname: x\nescape: $$\nvariables:\n"
      "- {name: V, default: 3, type: int, min: 1, max: 9, enum: [3], pattern: '[0-9]'}\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto result = read_template(std::string_view(whole).substr(0, size), "t.yaml");
    CHECK((result.has_value() || result.error().message.find("t.yaml") == 0));
  }
}

}  // namespace marvel::deploy
