#include "deploy/yaml.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

std::string refusal(std::string_view text, const YamlLimits& limits = {}) {
  const auto documents = read_yaml(text, "f.yaml", limits);
  REQUIRE_FALSE(documents.has_value());
  CHECK(documents.error().code == Errc::kInput);
  return documents.error().message;
}

Node only(std::string_view text) {
  auto documents = read_yaml(text, "f.yaml");
  REQUIRE_MESSAGE(documents.has_value(), documents.error().message);
  REQUIRE(documents->size() == 1);
  return documents->front();
}

}  // namespace

TEST_CASE("every node knows its line and column") {
  const Node root = only("a: 1\nb:\n  - x\n  - c: 'y'\n");
  const Node* list = find(root, "b");
  REQUIRE(list != nullptr);
  CHECK(list->position.line == 3);
  CHECK(list->position.column == 3);
  const Node* leaf = find(list->items[1], "c");
  REQUIRE(leaf != nullptr);
  CHECK(leaf->position.line == 4);
  CHECK(leaf->position.column == 8);
}

TEST_CASE("quotes and blocks make text, plain scalars do not") {
  const Node root = only("a: 3\nb: \"3\"\nc: '3'\nd: |\n  3\ne: !!str 3\n");
  CHECK(find(root, "a")->style == Node::Style::kPlain);
  for (const char* key : {"b", "c", "d", "e"}) {
    CAPTURE(key);
    CHECK(find(root, key)->style == Node::Style::kText);
  }
  CHECK(text_at(root, "d") == "3\n");
}

TEST_CASE("documents are counted without the empty ones") {
  CHECK(read_yaml("", "f").value().empty());
  CHECK(read_yaml("# only a comment\n---\n---\n", "f").value().empty());
  CHECK(read_yaml("---\na: 1\n---\n---\nb: 1\n", "f").value().size() == 2);
}

TEST_CASE("a key given twice is refused with both lines") {
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "f.yaml:3:1: 'a' stands here twice, first in line 1");
}

TEST_CASE("merge keys are applied: own keys win, then earlier maps") {
  const Node root = only(
      "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\n"
      "one: {<<: *x, b: 9}\nmany: {<<: [*y, *x]}\n");
  const Node* one = find(root, "one");
  CHECK(text_at(*one, "a") == "1");
  CHECK(text_at(*one, "b") == "9");
  const Node* many = find(root, "many");
  CHECK(text_at(*many, "a") == "1");
  CHECK(text_at(*many, "b") == "2");
  CHECK(text_at(*many, "c") == "2");
  CHECK(many->items.size() == 6);
  CHECK(refusal("a: {<<: 3}\n").find("needs a map") != std::string::npos);
  CHECK(only("<<: []\na: 1\n").items.size() == 2);
}

TEST_CASE("aliases of aliases end at the limit, in bounded memory") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) {
      bomb += ", " + last;
    }
    bomb += "]\n";
  }
  CHECK(refusal(bomb).find("more than 1000000 values") != std::string::npos);
  YamlLimits small;
  small.alias_bytes = 100;
  CHECK(refusal("a: &a '" + std::string(60, 'x') + "'\nb: [*a, *a]\n", small)
            .find("aliases repeat too much text") != std::string::npos);
}

TEST_CASE("aliases nest no deeper than lists may") {
  YamlLimits limits;
  limits.depth = 10;
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 8; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  CHECK(read_yaml(text, "f.yaml", limits).has_value());
  text += "a8: &a8 [*a7]\na9: [*a8]\n";
  CHECK(refusal(text, limits).find("nested deeper than 10 levels") != std::string::npos);
}

TEST_CASE("an alias inside its own anchor is refused") {
  CHECK(refusal("a: &a [*a]\n").find("f.yaml:1") == 0);
}

TEST_CASE("nesting has a limit in both styles") {
  CHECK(refusal(std::string(200, '[')).find("f.yaml:1:") == 0);
  std::string block;
  for (int i = 0; i < 150; ++i) {
    block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  }
  CHECK(refusal(block).find("nested deeper than 100 levels") != std::string::npos);
}

TEST_CASE("what looks like a tag or an alias may be a password, and is not repeated") {
  for (const auto* const text : {"A: !hunter2\n", "A: !!hunter2 x\n", "A: !hunter2 [x]\n",
                                 "A: !hunter2 {b: c}\n", "A: *hunter2\n"}) {
    const auto documents = read_yaml(text, "f.yaml");
    REQUIRE_FALSE(documents.has_value());
    CHECK(documents.error().message.find("hunter2") == std::string::npos);
    CHECK(documents.error().hint == "a value that begins with !, & or * needs quotes");
  }
}

TEST_CASE("size has a limit") {
  YamlLimits small;
  small.bytes = 10;
  CHECK(refusal("a: 123456789", small).find("larger than") != std::string::npos);
}

TEST_CASE("control characters are refused where they stand") {
  // Byte 4 would end yaml-cpp's reading without a word.
  CHECK(refusal("a: 1\nb: \x04\nc: 2\n") ==
        "f.yaml:2:4: a control character does not belong into YAML");
}

TEST_CASE("text that is no UTF-8 is refused where it stands") {
  CHECK(refusal("a: 1\nb: \xc3\xa9\xff\n").starts_with("f.yaml:2:6: the text is not UTF-8 here"));
  CHECK(refusal("\xff: 1\n").starts_with("f.yaml:1:1: the text is not UTF-8 here"));
}

TEST_CASE("broken YAML is told with line, column and what to do") {
  CHECK(refusal("a: [1, 2\nb: 3\n").find("f.yaml:") == 0);
  const auto braces = read_yaml("a: {b: ${X}}\n", "f.yaml");
  REQUIRE_FALSE(braces.has_value());
  CHECK(braces.error().message.find("f.yaml:1:") == 0);
  CHECK(braces.error().hint.find("quote") == 0);
  CHECK(refusal("a: !wrong 3\n").find("this tag") != std::string::npos);
  CHECK(refusal("? [a, b]\n: 3\n").find("a key must be plain text") != std::string::npos);
}

TEST_CASE("blank lines before a closing quote are refused, not lost") {
  CHECK(refusal("a: 'x\n\n  '\n") ==
        "f.yaml:1:4: blank lines before the closing quote mean different things");
  CHECK(refusal("a: \"é \\\"\n\n\"\n").find("f.yaml:1:4: blank") == 0);
  CHECK(text_at(only("a: 'x\n\n  y'\n"), "a") == "x\ny");
}

TEST_CASE("escapes make UTF-8") {
  CHECK(text_at(only(R"(a: "x\Ny\_z\L \u00e9 é")"), "a") ==
        "x\xC2\x85y\xC2\xA0z\xE2\x80\xA8 \xC3\xA9 \xC3\xA9");
}

TEST_CASE("JSON is read, with its pairs of escapes") {
  const Node root =
      only("{\n\t\"a\": \"\\ud83d\\ude00 \\\\ud83d\\\\ude00 \\/\\u003c\",\n\t\"b\": [1, true]}\n");
  CHECK(text_at(root, "a") == "\xF0\x9F\x98\x80 \\ud83d\\ude00 /<");
  CHECK(find(root, "b")->position.line == 3);
}

TEST_CASE("every beginning of a document is read or refused") {
  const std::string whole =
      "a: &x {b: [1, \"two\", 'three'], c: |\n  text\n  more\n}\nd: *x\n---\n- <<: *x\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto documents = read_yaml(std::string_view(whole).substr(0, size), "f.yaml");
    if (!documents) {
      CHECK(documents.error().message.find("f.yaml") == 0);
    }
  }
}

}  // namespace marvel::deploy
