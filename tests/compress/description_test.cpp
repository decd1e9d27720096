#include "compress/description.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::compress {
namespace {

nlohmann::json usual() {
  return {{"schema", "marvel.compress.model/1"},
          {"architecture", {60, 20, 4}},
          {"architecture_dense", {64, 40, 4}},
          {"parameters", 1304},
          {"macs", 1280}};
}

std::string refusal(const std::string& text) {
  const auto description = parse_description(text, "m.pt");
  REQUIRE_FALSE(description.has_value());
  CHECK(description.error().code == Errc::kInput);
  CHECK(description.error().message.find("m.pt") != std::string::npos);
  return description.error().message;
}

std::string refusal_with(const std::string& key, const nlohmann::json& value) {
  auto json = usual();
  json[key] = value;
  return refusal(json.dump());
}

}  // namespace

TEST_CASE("a description gives its sizes and itself") {
  const auto description = parse_description(usual().dump(), "m.pt");
  REQUIRE(description.has_value());
  CHECK(description->architecture == std::vector<int>{60, 20, 4});
  CHECK(description->architecture_dense.front() == 64);
  CHECK(description->parameters == 1304);
  CHECK(description->macs == 1280);
  CHECK(description->macs_inputs == 0);  // fedl's models do not say it
  CHECK(nlohmann::json::parse(description->json) == usual());
}

TEST_CASE("the shape of images is kept where the model depends on it") {
  auto json = usual();
  json["input"] = {{"rows", 8}, {"columns", 8}, {"scale", "pixel / 255"}};
  CHECK(parse_description(json.dump(), "m.pt")->rows == 0);
  json["input"]["basis"] = "pixels";
  CHECK(parse_description(json.dump(), "m.pt")->rows == 0);
  json["input"]["basis"] = "haar";
  const auto description = parse_description(json.dump(), "m.pt");
  REQUIRE(description.has_value());
  CHECK(description->rows == 8);
  CHECK(description->columns == 8);
  json["macs_inputs"] = 1024;
  CHECK(parse_description(json.dump(), "m.pt")->macs_inputs == 1024);
  CHECK(refusal_with("macs_inputs", "few").find("damaged") != std::string::npos);
  json["input"].erase("columns");
  CHECK(refusal(json.dump()).find("damaged") != std::string::npos);
  CHECK(refusal_with("input", "8x8").find("damaged") != std::string::npos);
}

TEST_CASE("what is no description of ours is refused, whatever it is") {
  for (const char* const text :
       {"", "7", "[]", "null", "\"text\"", "{}", R"({"schema":1})",
        R"({"schema":"marvel.compress.model/9"})", "{\"schema\":\"\xff\"}"}) {
    CAPTURE(text);
    CHECK(refusal(text).find("carries no description") != std::string::npos);
  }
}

TEST_CASE("a description with layers of no network is refused") {
  for (const char* const key : {"architecture", "architecture_dense"}) {
    CAPTURE(key);
    CHECK_FALSE(refusal_with(key, nlohmann::json::array()).empty());
    CHECK_FALSE(refusal_with(key, nlohmann::json::array({64})).empty());
    CHECK_FALSE(refusal_with(key, nlohmann::json::array({64, 0, 4})).empty());
    CHECK_FALSE(refusal_with(key, nlohmann::json::array({64, -4})).empty());
    CHECK_FALSE(refusal_with(key, "64,40,4").empty());
    CHECK_FALSE(refusal_with(key, nullptr).empty());
  }
  CHECK_FALSE(refusal_with("macs", "many").empty());
}

}  // namespace marvel::compress
