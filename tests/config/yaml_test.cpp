#include "config/yaml.hpp"

#include <doctest/doctest.h>

namespace marvel {
namespace {

std::string refusal(std::string_view text) {
  const auto settings = settings_from_yaml(text, "f.yaml");
  REQUIRE_FALSE(settings.has_value());
  CHECK(settings.error().code == Errc::kInput);
  return settings.error().message;
}

// `first`, in seven levels of aliases that repeat the one below nine times.
std::string bomb_of(const std::string& first) {
  std::string bomb = "a0: &a0 " + first + "\n";
  for (int level = 1; level < 7; ++level) {
    const std::string below = "*a" + std::to_string(level - 1);
    bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " {";
    for (int i = 0; i < 9; ++i) {
      bomb += "y" + std::to_string(i) + ": " + below + ", ";
    }
    bomb += "}\n";
  }
  return bomb;
}

}  // namespace

TEST_CASE("nested mappings become command paths") {
  const auto settings = settings_from_yaml(
      "json: true\n"
      "compress:\n"
      "  train: {epochs: 40, layers: [784, 10]}\n",
      "f.yaml");
  REQUIRE(settings.has_value());
  REQUIRE(settings->size() == 3);
  CHECK((*settings)[0].command.empty());
  CHECK((*settings)[0].key == "json");
  CHECK((*settings)[0].value == "true");
  CHECK((*settings)[1].command == std::vector<std::string>{"compress", "train"});
  CHECK((*settings)[1].key == "epochs");
  CHECK((*settings)[1].line == 3);
  CHECK((*settings)[2].value == "784,10");
}

TEST_CASE("an empty file and one of comments hold no settings") {
  for (const char* text : {"", "# nothing\n", "---\n", "{}"}) {
    CAPTURE(text);
    CHECK(settings_from_yaml(text, "f.yaml").value().empty());
  }
}

TEST_CASE("a key without a value is kept as such") {
  CHECK_FALSE(settings_from_yaml("epochs:\n", "f.yaml").value().front().value.has_value());
}

TEST_CASE("broken files are refused with file and line") {
  CHECK(refusal("a: 1\nb: [1, 2\n").rfind("f.yaml:", 0) == 0);
  CHECK(refusal("- 1\n") == "f.yaml:1: expected 'key: value' lines");
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "f.yaml:3: 'a' stands here twice");
  CHECK(refusal("a:\n  - {b: 1}\n") == "f.yaml:1: the list of 'a' may hold plain values only");
  CHECK(refusal("? [a]\n: 1\n") == "f.yaml:1: a key must be a plain word");
}

TEST_CASE("nesting and aliases cannot grow without bound") {
  CHECK(refusal("{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}}}") ==
        "f.yaml:1: nested too deep");
  const std::string full = "{x0: 1, x1: 1, x2: 1, x3: 1, x4: 1, x5: 1, x6: 1, x7: 1, x8: 1}";
  CHECK(refusal(bomb_of(full)).find("too many settings") != std::string::npos);
}

TEST_CASE("aliases of groups and lists that hold no settings are counted, too") {
  CHECK(refusal(bomb_of("{}")).find("too many settings") != std::string::npos);
  std::string lists = "list: &l [";
  for (int i = 0; i < 200; ++i) {
    lists += "x, ";
  }
  lists += "]\n";
  for (int i = 0; i < 200; ++i) {
    lists += "k" + std::to_string(i) + ": *l\n";
  }
  CHECK(refusal(lists).find("too many settings") != std::string::npos);
}

TEST_CASE("no prefix of a file does harm") {
  const std::string whole = "a: &x {b: [1, \"2\", 'c'], d: 3}\ne: *x\nf: |\n  text\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    const auto settings = settings_from_yaml(whole.substr(0, length), "f.yaml");
    CHECK((settings.has_value() || settings.error().code == Errc::kInput));
  }
}

}  // namespace marvel
