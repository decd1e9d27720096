#include "cli/bind.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

namespace marvel::cli {
namespace {

// A command "try" to bind to, and a way to run flags against it.
struct Trial {
  CommandTree tree;
  CLI::App& command = tree.add(tree.root(), "try", "Try things", "Tests", {});
  Binder bind{tree, command};

  // The message of what CLI11 refuses, or "".
  std::string parse(std::vector<std::string> words) {
    words.insert(words.begin(), "try");
    std::reverse(words.begin(), words.end());
    try {
      tree.root().parse(words);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("values reach their fields, and the last one counts") {
  Trial trial;
  int epochs = 5;
  std::optional<double> rate;
  std::vector<int> layers{1, 2};
  trial.bind.value("--epochs", "N", epochs, "epochs");
  trial.bind.value("--rate", "X", rate, "rate");
  trial.bind.value("--layers", "N,N", layers, "layers");
  CHECK(trial.parse({"--epochs", "7", "--epochs", "8", "--rate", "1e-3", "--layers", "3, 4,5"})
            .empty());
  CHECK(epochs == 8);
  CHECK(rate == doctest::Approx(0.001));
  CHECK(layers == std::vector<int>{3, 4, 5});
}

TEST_CASE("a value that cannot be read names the flag and leaves the field alone") {
  Trial trial;
  int epochs = 5;
  trial.bind.value("--epochs", "N", epochs, "epochs");
  CHECK(trial.parse({"--epochs", "many"}).find("--epochs") != std::string::npos);
  CHECK(epochs == 5);
  CHECK(trial.parse({"--epochs", "99999999999"}).find("too large") != std::string::npos);
}

TEST_CASE("the built-in value is what the field held when it was bound") {
  Trial trial;
  int epochs = 5;
  std::optional<int> unset;
  std::vector<double> prices{0.5, 1};
  CHECK(trial.bind.value("--epochs", "N", epochs, "epochs").default_text == "5");
  CHECK(trial.bind.value("--unset", "N", unset, "unset").default_text.empty());
  CHECK(trial.bind.value("--prices", "N", prices, "prices").default_text == "0.5,1");
}

TEST_CASE("a choice takes its words and no other") {
  Trial trial;
  std::size_t picked = 9;
  const auto& notes = trial.bind.choice(
      "--pick", {"one", "two"}, 0, [&picked](std::size_t i) { picked = i; }, "pick");
  CHECK(notes.choices == std::vector<std::string>{"one", "two"});
  CHECK(trial.parse({"--pick", "two"}).empty());
  CHECK(picked == 1);
  CHECK(trial.parse({"--pick", "three"}).find("one, two") != std::string::npos);
  CHECK(trial.parse({"--pick", "tvo"}).find("did you mean 'two'?") != std::string::npos);
}

TEST_CASE("sizes carry units") {
  Trial trial;
  std::optional<std::uint64_t> budget;
  trial.bind.size("--budget", budget, "budget");
  CHECK(trial.parse({"--budget", "2MiB"}).empty());
  CHECK(budget == 2U * 1024 * 1024);
}

TEST_CASE("flags are counted or simply given, and settings spell them out") {
  Trial trial;
  bool quiet = false;
  int verbosity = 0;
  const auto& notes = trial.bind.flag("--quiet", quiet, "quiet");
  trial.bind.counter("--verbose,-v", verbosity, "verbose");
  CHECK(trial.parse({"--quiet", "-v", "-v"}).empty());
  CHECK(quiet);
  CHECK(verbosity == 2);
  CHECK(notes.assign("false"));
  CHECK_FALSE(quiet);
  CHECK_FALSE(notes.assign("perhaps"));
}

TEST_CASE("positionals collect their words") {
  Trial trial;
  std::string model;
  std::vector<std::string> rest;
  const auto& one = trial.bind.positional("model", model, "the model");
  const auto& many = trial.bind.positional("rest", rest, "the rest");
  CHECK(one.assign("a.pt"));
  CHECK(many.assign("b"));
  CHECK(many.assign("c"));
  CHECK(model == "a.pt");
  CHECK(rest == std::vector<std::string>{"b", "c"});
}

}  // namespace marvel::cli
