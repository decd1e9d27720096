#include "config/config.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

namespace marvel {
namespace {

const std::vector<std::string> kTrain{"compress", "train"};

ConfigSchema schema() {
  ConfigSchema train{{"epochs", "batch-size"}, {}};
  ConfigSchema compress{{}, {{"train", train}}};
  return {{"json", "output"}, {{"compress", compress}}};
}

// A home, a project and a system, each with one file to fill.
struct Places {
  test::TempDir folder;
  ConfigPaths paths{folder / "project.yaml", folder / "user.yaml", folder / "system.yaml"};

  void write(const std::filesystem::path& file, const std::string& text) const {
    REQUIRE(write_file_atomically(file, text).has_value());
  }
  [[nodiscard]] Config load(const Environment& environment = {}) const {
    auto config = Config::load(paths, {}, environment);
    REQUIRE(config.has_value());
    return *config;
  }
};

}  // namespace

TEST_CASE("each layer is found by itself, with its origin") {
  const Places places;
  places.write(places.paths.project, "compress: {train: {epochs: 3}}");
  places.write(places.paths.user, "\ncompress: {train: {epochs: 2}}");
  places.write(places.paths.system, "compress: {train: {epochs: 1}}");
  const Config config = places.load(Environment{{"MARVEL_EPOCHS", "4"}});
  CHECK(config.find(Layer::kSystem, kTrain, "epochs")->value == "1");
  CHECK(config.find(Layer::kUser, kTrain, "epochs")->origin == places.paths.user.string() + ":2");
  CHECK(config.find(Layer::kProject, kTrain, "epochs")->value == "3");
  CHECK(config.find(Layer::kEnvironment, kTrain, "epochs")->origin == "MARVEL_EPOCHS");
}

TEST_CASE("a variable may have another name than the key") {
  const Places places;
  const Config config = places.load(Environment{{"MARVEL_VPN_DEVICE", "edge0"}});
  CHECK(config.variable("MARVEL_VPN_DEVICE")->value == "edge0");
  CHECK(config.variable("MARVEL_VPN_DEVICE")->origin == "MARVEL_VPN_DEVICE");
  CHECK_FALSE(config.variable("MARVEL_DEVICE").has_value());
  CHECK_FALSE(config.variable("").has_value());
}

TEST_CASE("a key belongs to its command only") {
  const Places places;
  places.write(places.paths.project, "compress: {train: {epochs: 3}}");
  const Config config = places.load();
  CHECK_FALSE(config.find(Layer::kProject, {}, "epochs").has_value());
  CHECK_FALSE(config.find(Layer::kProject, {"compress"}, "epochs").has_value());
}

TEST_CASE("files that do not exist are no failure, but a named one is") {
  const Places places;
  CHECK(Config::load(places.paths, {}, {}).has_value());
  const auto named = Config::load(places.paths, places.folder / "missing.yaml", {});
  REQUIRE_FALSE(named.has_value());
  CHECK(named.error().code == Errc::kInput);
}

TEST_CASE("a named file is read in place of the project's") {
  const Places places;
  places.write(places.paths.project, "compress: {train: {epochs: 3}}");
  const auto named = places.folder / "named.yaml";
  places.write(named, "output: json");
  const Config config = Config::load(places.paths, named, {}).value();
  CHECK(config.find(Layer::kProject, {}, "output")->value == "json");
  CHECK_FALSE(config.find(Layer::kProject, kTrain, "epochs").has_value());
}

TEST_CASE("variables are named after their flag") {
  CHECK(environment_name("batch-size") == "MARVEL_BATCH_SIZE");
}

TEST_CASE("unknown keys and commands are refused with line and guess") {
  struct Case {
    const char* text;
    const char* message;
    const char* hint;
  };
  for (const Case& c : {
           Case{"compress: {train: {epoch: 3}}", ":1: unknown key 'epoch'",
                "did you mean 'epochs'?"},
           Case{"\ncompres: {train: {epochs: 3}}", ":2: unknown command 'compres'",
                "did you mean 'compress'?"},
           Case{"zzz: 1", ":1: unknown key 'zzz'", "see 'marvel config show' for all keys"},
           Case{"compress: 5", ":1: 'compress' is a command, it holds keys", ""},
           Case{"output:", ":1: 'output' has no value", ""},
       }) {
    CAPTURE(c.text);
    const Places places;
    places.write(places.paths.project, c.text);
    const Status checked = places.load().check_keys(schema());
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().code == Errc::kUsage);
    CHECK(checked.error().message == places.paths.project.string() + c.message);
    CHECK(checked.error().hint == c.hint);
  }
}

TEST_CASE("known keys pass, and a command without keys says nothing") {
  const Places places;
  places.write(places.paths.project, "json: true\ncompress:\n");
  CHECK(places.load().check_keys(schema()).has_value());
}

}  // namespace marvel
