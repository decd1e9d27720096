#include "cli/completion.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/line.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

using test::Line;

// What is offered for `line`, whose last word is `word`: candidates without their help.
std::vector<std::string> offers(const std::string& line, const std::string& word,
                                const Environment& environment = {}) {
  const Line marvel;
  auto words = test::words_of(line);
  words.push_back(word);
  std::vector<std::string> offered;
  for (const auto& reply : split(completion_lines(marvel.tree, words, environment), '\n')) {
    if (!reply.empty()) {
      offered.push_back(split(reply, '\t').front());
    }
  }
  return offered;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("commands are offered") {
  CHECK(offers("", "com") == Words{"compress", "completion"});
  CHECK(offers("", "fed") == Words{"fedl"});
  CHECK(offers("", "dep") == Words{"deploy"});
  CHECK(offers("compress", "") == Words{"train", "eval", "inspect"});
}

TEST_CASE("flags are offered with the global ones, own ones first") {
  const Words all = offers("compress train", "--");
  CHECK(all.front() == "--data");
  CHECK(std::find(all.begin(), all.end(), "--json") != all.end());
  CHECK(offers("compress train", "--me") == Words{"--method", "--memory-budget", "--memory-model"});
}

TEST_CASE("values of a flag are offered behind it and behind its =") {
  CHECK(offers("compress train --method", "") == Words{"none", "sp", "hp", "dynhp"});
  CHECK(offers("compress train", "--method=d") == Words{"--method=dynhp"});
  CHECK(offers("", "-o").empty());
}

TEST_CASE("files and folders are asked of the shell") {
  CHECK(offers("compress train --out", "") == Words{":folder"});
  CHECK(offers("compress inspect", "") == Words{":file"});
  CHECK(offers("compress train --data", "m") == Words{"mnist", ":folder"});
}

TEST_CASE("contexts are offered, from all files of the list") {
  const marvel::test::TempDir folder;
  const auto kubeconfig = [](const std::string& names) {
    return "apiVersion: v1\nkind: Config\ncontexts: [" + names + "]\n";
  };
  const std::string one = (folder / "one").string();
  const std::string two = (folder / "two").string();
  REQUIRE(write_file_atomically(one, kubeconfig("{name: edge, context: {cluster: c, user: u}}")));
  REQUIRE(write_file_atomically(two, kubeconfig("{name: cloud, context: {cluster: c, user: u}}, "
                                                "{name: \"bad\\tname\", context: {cluster: c}}")));
  const Environment environment{
      {"KUBECONFIG", one + ":/dev/zero:" + folder.path().string() + ":" + two}};
  CHECK(offers("deploy list --context", "", environment) == Words{"cloud", "edge"});
  CHECK(offers("taint nodes", "--context=e", environment) == Words{"--context=edge"});
  REQUIRE(write_file_atomically(two, "{broken"));
  CHECK(offers("deploy list --context", "", environment) == Words{"edge"});
  CHECK(offers("deploy list --context", "").empty());
}

TEST_CASE("templates of the catalogue are offered beside files") {
  const marvel::test::TempDir folder;
  std::filesystem::create_directories(folder / "marvel/templates");
  REQUIRE(write_file_atomically(folder / "marvel/templates/kafka.yaml", "x"));
  REQUIRE(write_file_atomically(folder / "marvel/templates/camera.yaml", "x"));
  const Environment environment{{"XDG_DATA_HOME", folder.path().string()}};
  CHECK(offers("deploy apply", "", environment) == Words{"camera", "kafka", ":file"});
  CHECK(offers("deploy template get", "k", environment) == Words{"kafka"});
  CHECK(offers("deploy template add", "k", environment) == Words{":file"});
  CHECK(offers("deploy apply", "k") == Words{":file"});
}

TEST_CASE("help completes the path of a command") {
  CHECK(offers("help", "compr") == Words{"compress"});
  CHECK(offers("help compress", "t") == Words{"train"});
}

TEST_CASE("nothing is offered behind a command nobody knows or behind --") {
  CHECK(offers("compres", "").empty());
  CHECK(offers("compress inspect --", "--js") == Words{":file"});
}

TEST_CASE("there is a script for three shells and an error for the others") {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    CHECK(completion_script(shell).value().find("__complete") != std::string::npos);
  }
  CHECK(completion_script("tcsh").error().code == Errc::kUsage);
}

}  // namespace marvel::cli
