#include "cli/settings.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/bind.hpp"
#include "cli/line.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

// marvel with one project file and an environment.
struct Place {
  marvel::test::TempDir folder;
  test::Line line;

  [[nodiscard]] Config load(const std::string& yaml, const Environment& environment = {}) const {
    REQUIRE(write_file_atomically(folder / "marvel.yaml", yaml));
    const ConfigPaths paths{folder / "marvel.yaml", folder / "none", folder / "none"};
    return Config::load(paths, {}, environment).value();
  }
  [[nodiscard]] SettingInForce setting(const Config& config, const std::string& key) const {
    const auto all = settings_in_force(line.tree, line.tree.root(), config);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&key](const SettingInForce& each) { return each.key == key; });
    REQUIRE(found != all.end());
    return *found;
  }
};

}  // namespace

TEST_CASE("files may hold every flag but those of a single run") {
  const test::Line line;
  const ConfigSchema schema = config_schema(line.tree);
  const auto& train = schema.commands.at("compress").commands.at("train").keys;
  const auto has = [&train](const char* key) {
    return std::find(train.begin(), train.end(), key) != train.end();
  };
  CHECK(has("epochs"));
  CHECK(has("memory-budget"));
  CHECK_FALSE(has("resume"));
  CHECK_FALSE(has("out"));
  CHECK_FALSE(has("data"));  // MARVEL_DATA is a folder to look in, not a value of --data
}

TEST_CASE("a setting in force tells who set it") {
  const Place place;
  const Config config = place.load("compress: {train: {epochs: 9, lr: 0.5}}",
                                   {{"MARVEL_EPOCHS", "11"}, {"MARVEL_LR", ""}});
  const auto epochs = place.setting(config, "epochs");
  CHECK(epochs.value == "11");
  CHECK(epochs.origin == "MARVEL_EPOCHS");
  const auto rate = place.setting(config, "lr");
  CHECK(rate.value == "0.5");
  CHECK(rate.origin.find("marvel.yaml:1") != std::string::npos);
  CHECK(place.setting(config, "seed").origin == "built-in");
}

TEST_CASE("one variable presets flags of one meaning") {
  const test::Line line;
  std::map<std::string, std::set<std::string>> kinds;  // by variable: what its flags take
  for (const CLI::App* command : test::all_commands(line.tree.root())) {
    for (const CLI::Option* flag : flags(*command)) {
      const OptionNotes& notes = line.tree.notes(*flag);
      if (!notes.variable.empty()) {
        kinds[notes.variable].insert(flag->get_type_name() + " " + join(notes.choices, "|"));
      }
    }
  }
  std::set<std::string> mixed;
  for (const auto& [variable, all] : kinds) {
    if (all.size() > 1) {
      mixed.insert(variable);
    }
  }
  // The same thing in other words: where to compute, how long to wait, and the community and its
  // super nodes as seen from an edge and from a super node.
  CHECK(mixed == std::set<std::string>{"MARVEL_COMMUNITY", "MARVEL_DEVICE", "MARVEL_SUPERNODE",
                                       "MARVEL_TIMEOUT"});
}

TEST_CASE("a flag with a variable of its own does not hear the usual one") {
  const Place place;
  const Config config = place.load(
      "{}",
      {{"MARVEL_DEVICE", "gpu"}, {"MARVEL_VPN_DEVICE", "edge0"}, {"MARVEL_ADDRESS", "[::]:8080"}});
  const CLI::App& edge = place.line.command("vpn edge");
  REQUIRE(apply_settings(place.line.tree, edge, config));
  std::map<std::string, SettingInForce> settings;
  for (const auto& setting : settings_in_force(place.line.tree, edge, config)) {
    settings[setting.key] = setting;
  }
  CHECK(settings["device"].value == "edge0");
  CHECK(settings["device"].origin == "MARVEL_VPN_DEVICE");
  CHECK(settings["address"].origin == "built-in");
}

TEST_CASE("a list is read item by item, and takes the place of what weaker layers list") {
  std::vector<std::string> given;
  CommandTree tree;
  CLI::App& command = tree.add(tree.root(), "run", "", "", {});
  Binder bind(tree, command);
  bind.this_run_only(false);
  bind.list("--name", "NAME", given, "a name");
  const Place place;
  REQUIRE(apply_settings(tree, command, place.load("run:\n  name: ['a=1,2', b]\n")));
  CHECK(given == std::vector<std::string>{"a=1,2", "b"});
  REQUIRE(apply_settings(tree, command, place.load("run: {name: 'c,d'}")));
  CHECK(given == std::vector<std::string>{"c,d"});
  const Environment variable{{"MARVEL_NAME", "e,f\ng"}};
  REQUIRE(apply_settings(tree, command, place.load("run: {name: [a, b]}", variable)));
  CHECK(given == std::vector<std::string>{"e,f", "g"});
}

TEST_CASE("a value the flag does not take names where it stands") {
  const Place place;
  const Config config = place.load("\ncompress: {train: {epochs: many}}");
  const Status status =
      apply_settings(place.line.tree, place.line.command("compress train"), config);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Errc::kUsage);
  CHECK(status.error().message.find("marvel.yaml:2: epochs: ") != std::string::npos);
}

TEST_CASE("settings of other commands are not read") {
  const Place place;
  const Config config = place.load("compress: {train: {epochs: many}}");
  CHECK(apply_settings(place.line.tree, place.line.command("compress eval"), config));
}

}  // namespace marvel::cli
