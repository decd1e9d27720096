#include "deploy/karvdash.hpp"

#include <doctest/doctest.h>

namespace marvel::deploy {
namespace {

// tests/deploy/against_python.py asks Python itself; these say what to expect without it.
std::string dump(const std::string& yaml) {
  const auto text = dump_like_pyyaml(read_yaml(yaml, "f.yaml").value());
  REQUIRE_MESSAGE(text.has_value(), text.error().message);
  return *text;
}

std::string compat(const std::string& document, const Values& values) {
  const auto source =
      read_template(document +
                        "---\nkind: Template\nname: t\nvariables: [{name: NAME, default: web}, "
                        "{name: SERVERS, default: 3}]\n",
                    "t.yaml");
  return render_like_karvdash(source.value(), {values, Secrets::kShow}).value();
}

}  // namespace

TEST_CASE("keys are sorted, comments and quotes go, lists are not indented") {
  CHECK(dump("b: \"x\"  # comment\na:\n  - '3'\n  - 0644\n  - {c: yes, d: }\n") ==
        "a:\n- '3'\n- 420\n- c: true\n  d: null\nb: x\n");
}

TEST_CASE("nested lists and empty collections stand as PyYAML has them") {
  CHECK(dump("a: [[1, [2]], [], {}]\n") == "a:\n- - 1\n  - - 2\n- []\n- {}\n");
}

TEST_CASE("documents are separated, and lines fold behind column 80") {
  CHECK(dump("a: 1\n---\nb: 2\n") == "a: 1\n---\nb: 2\n");
  const std::string word(50, 'x');
  CHECK(dump("a: " + word + " " + word + " y\n") == "a: " + word + " " + word + "\n  y\n");
}

TEST_CASE("text that has several lines is quoted, not a block") {
  CHECK(dump("a: |\n  x\n  y\n") == "a: 'x\n\n  y\n\n  '\n");
  CHECK(dump("a: \"x \\n y\"\n") == "a: \"x \\n y\"\n");
}

TEST_CASE("the old engine's defects are kept") {
  CHECK(compat("value: \"${SERVERS}\"\n", {}) == "value: 3\n");
  CHECK(compat("k: ${NAME}\n", {{"NAME", {"web"}}, {"SERVERS", {"a: b"}}}) == "k: web\n");
  CHECK(compat("k: $SERVERS\n", {{"SERVERS", {"x\ninjected: true"}}}) == "k: x\ninjected: true\n");
  CHECK(compat("k: a $$ b\n", {}) == "k: a $ b\n");
}

TEST_CASE("what PyYAML would make an object of its own is refused") {
  CHECK(dump_like_pyyaml(read_yaml("a: &x [1]\nb: *x\n", "f").value()).error().code ==
        Errc::kUnsupported);
  CHECK(dump_like_pyyaml(read_yaml("a: 2022-06-30 12:00:00\n", "f").value()).error().code ==
        Errc::kUnsupported);
  CHECK(dump("a: 2022-06-30\n") == "a: 2022-06-30\n");
}

}  // namespace marvel::deploy
