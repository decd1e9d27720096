#include "cli/deploy_images_view.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using namespace deploy::images;

CheckRow row(CheckState state) {
  return {{"a:1", "f.yaml:1:1"}, state, "", {}, ""};
}

}  // namespace

TEST_CASE("the worst image of a check gives the exit code") {
  using enum CheckState;
  CHECK(images_check_answer({}).exit_code == 0);
  CHECK(images_check_answer({row(kGood)}).exit_code == 0);
  CHECK(images_check_answer({row(kGood), row(kUnknown)}).exit_code == 3);
  CHECK(images_check_answer({row(kUnknown), row(kMissing)}).exit_code == 1);
  CHECK(images_check_answer({row(kWrongPlatform), row(kUnknown)}).exit_code == 1);
  CHECK(images_check_answer({row(kInvalid)}).exit_code == 1);
}

TEST_CASE("every answer is one JSON document with its schema, whatever the bytes") {
  ImageDetails image;
  image.config.environment = {"A=\xff\x1b[31m"};
  image.config.labels = {{"l", "\xc3"}};
  const Inspection inspection{"sha256:x", "type", {image}};
  for (const auto& answer :
       {images_list_answer("h",
                           {{"r", "t", "d", 5, {"linux/amd64"}, ""}, {"r", "u", "", 0, {}, "no"}}),
        images_inspect_answer("h/r:t", inspection), images_push_answer("h/r:t", {}),
        images_remove_answer("h/r", {"d", {"t"}}, true),
        images_check_answer({row(CheckState::kGood)})}) {
    const auto document = nlohmann::json::parse(answer.json, nullptr, false);
    REQUIRE_FALSE(document.is_discarded());
    CHECK(document["schema"].get<std::string>().rfind("marvel.deploy.images.", 0) == 0);
    CHECK(answer.text.find('\x1b') == std::string::npos);
    CHECK(answer.text.back() == '\n');
  }
}

TEST_CASE("platforms whose manifest the registry lacks are named beside those that are there") {
  Inspection inspection{"sha256:x", "type", {}};
  inspection.absent.push_back({"", "sha256:y", 5, Platform{"linux", "arm64", ""}, ""});
  const auto answer = images_inspect_answer("h/r:t", inspection);
  CHECK(answer.text.find("absent       linux/arm64\n") != std::string::npos);
  CHECK(nlohmann::json::parse(answer.json)["absent"] == nlohmann::json{"linux/arm64"});
}

TEST_CASE("nothing that a registry says brings control characters to a terminal") {
  const std::string rude = "x\x1b[31m\a\r";
  ImageDetails image;
  image.config.platform = {rude, rude, rude};
  image.digest = rude;
  for (const auto& answer :
       {images_list_answer("h", {{rude, rude, rude, 5, {rude}, ""}, {rude, rude, "", 0, {}, rude}}),
        images_inspect_answer("h/r:t", {rude, rude, {image}}),
        images_remove_answer("h/r", {rude, {rude}}, true)}) {
    for (const char letter : answer.text) {
      CHECK((static_cast<unsigned char>(letter) >= 0x20 || letter == '\n'));
    }
  }
}

}  // namespace marvel::cli
