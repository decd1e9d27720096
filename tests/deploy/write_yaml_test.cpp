#include "base/random.hpp"
#include "deploy/manifest.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

Json config_map(Json data) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "x"}}},
          {"data", std::move(data)}};
}

Json read_back(const std::string& yaml) {
  const auto objects = read_manifests(yaml, "written");
  REQUIRE_MESSAGE(objects.has_value(), objects.error().message << "\n" << yaml);
  REQUIRE(objects->size() == 1);
  return objects->front().body();
}

}  // namespace

TEST_CASE("what is written reads back to the same types") {
  const Json body = config_map({{"number", 3},
                                {"text", "3"},
                                {"octal", "0644"},
                                {"truth", true},
                                {"word", "yes"},
                                {"nothing", nullptr},
                                {"empty", ""},
                                {"list", {1, "1", Json::array(), Json::object(), {{"a", 1}}}},
                                {"nested", {{1, 2}, {{{"a", "b"}, {"c", Json::array()}}}}},
                                {"real", 1.5},
                                {"small", 1e-7},
                                {"large", 1e20},
                                {"block", "line\n  more\n\nend\n"},
                                {"strip", "a\nb"},
                                {"keep", "a\n\n"},
                                {"blank", " a\nb"},
                                {"trailing", "a \nb"},
                                {"emoji", "\xF0\x9F\x98\x80"},
                                {"separator", "a\xE2\x80\xA8 b\xC2\x85 c\x7F"},
                                {"yes", "key"},
                                {"a: b", "# key"}});
  CHECK(read_back(write_yaml({Object(body)})) == body);
}

TEST_CASE("short text stays without quotes and shell scripts become blocks") {
  const std::string yaml = write_yaml(
      {Object(config_map({{"image", "nginx:1.25"}, {"run", "set -e\nexec x ${A##*-}\n"}}))});
  CHECK(yaml.find("  image: nginx:1.25\n") != std::string::npos);
  CHECK(yaml.find("  run: |\n    set -e\n    exec x ${A##*-}\n") != std::string::npos);
}

TEST_CASE("objects are separated by document marks") {
  const Object object(config_map({{"a", "b"}}));
  const std::string yaml = write_yaml({object, object});
  CHECK(read_manifests(yaml, "f").value().size() == 2);
}

TEST_CASE("keys too long to stand before a colon read back") {
  const std::string plain(2000, 'k');
  const std::string quotes(600, '"');
  const std::string lines = std::string(1500, 'x') + "\ny";
  const Json body = config_map({{plain, {{"list", {1, 2}}, {plain, "inner"}}},
                                {quotes, {1, {{lines, "x"}, {"a", 1}}}},
                                {lines, nullptr},
                                {"short", 1}});
  CHECK(read_back(write_yaml({Object(body)})) == body);
}

TEST_CASE("random text reads back as it was") {
  constexpr std::string_view kLetters = "ab01 :#-?'\"\\\n\t{}[],&*!|>%@`~=<.eExn_+\r";
  CounterRng random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const auto size = random.below(12);
    for (std::uint32_t i = 0; i < size; ++i) {
      text += kLetters[random.below(kLetters.size())];
    }
    const Json body =
        config_map({{"k", text}, {"l", Json::array({text, {{"m", text}}})}, {text, 1}});
    const std::string yaml = write_yaml({Object(body)});
    CAPTURE(yaml);
    CHECK(read_back(yaml) == body);
  }
}

}  // namespace marvel::deploy
