#include "federate/client/exec_trainer.hpp"

#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <csignal>
#include <fstream>
#include <initializer_list>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

std::unique_ptr<ExecTrainer> trainer_of(const std::string& command, const test::TempDir& dir,
                                        const StopFlag& stop) {
  auto trainer = ExecTrainer::make(command, dir.path(), stop);
  REQUIRE(trainer.has_value());
  return std::move(*trainer);
}

const StopFlag kNoStop;

}  // namespace

TEST_CASE("a command gets the model, the settings and the task, and gives model and metrics back") {
  const test::TempDir dir;
  const auto trainer = trainer_of(
      "test -s params.npz && grep -q '\"marvel.round\": 3' config.json && "
      R"(echo '{"examples": 7, "loss": 2, "note": "'$MARVEL_TASK'", "ok": true, "n": 5}' > metrics.json)",
      dir, kNoStop);
  const wire::Config config{{"marvel.round", std::int64_t{3}}};
  const auto trained = trainer->train(test_models::model_of({1, 2}), config);
  REQUIRE(trained.has_value());
  CHECK(trained->examples == 7);
  CHECK(trained->model[0].at(1) == 2);
  CHECK(trained->metrics ==
        wire::Config{
            {"loss", 2.0}, {"note", std::string("train")}, {"ok", true}, {"n", std::int64_t{5}}});
  const auto evaluated = trainer->evaluate(test_models::model_of({1, 2}), config);
  REQUIRE(evaluated.has_value());
  CHECK(evaluated->loss == 2);
  CHECK(evaluated->metrics.at("note") == wire::Scalar(std::string("evaluate")));
}

TEST_CASE("whole numbers count as measures where a measure is meant") {
  const test::TempDir dir;
  const auto trainer = trainer_of(
      R"(echo '{"examples": 7, "loss": 1, "accuracy": 1, "validation_accuracy": 0, "grad_var": 2, "epochs": 1}' > metrics.json)",
      dir, kNoStop);
  const auto trained = trainer->train(test_models::model_of({1}), {});
  REQUIRE(trained.has_value());
  CHECK(trained->metrics == wire::Config{{"loss", 1.0},
                                         {"accuracy", 1.0},
                                         {"validation_accuracy", 0.0},
                                         {"grad_var", 2.0},
                                         {"epochs", std::int64_t{1}}});
}

TEST_CASE("a command that fails or leaves nothing usable is told") {
  const test::TempDir dir;
  const Model model = test_models::model_of({1});
  CHECK(trainer_of("exit 3", dir, kNoStop)->train(model, {}).error().code == Errc::kFailed);
  CHECK(trainer_of("true", dir, kNoStop)->train(model, {}).error().code == Errc::kInput);
  CHECK(trainer_of("echo '{}' > metrics.json", dir, kNoStop)->train(model, {}).error().code ==
        Errc::kInput);
  CHECK(trainer_of("echo x > params.npz", dir, kNoStop)->initial().error().code == Errc::kInput);
  CHECK(std::filesystem::is_empty(dir.path()));  // the trainers have tidied up
}

TEST_CASE("metrics that cannot be used are told in words of the file, not of its reader") {
  const test::TempDir dir;
  struct Row {
    const char* metrics;
    const char* says;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"", "is no JSON from byte"},
           {"examples = 5", "is no JSON from byte 1 on"},
           {R"({"examples": 5, "loss": NaN})", "is no JSON from byte"},
           {"[5]", "is no JSON object"},
           {R"({"loss": 1})", "lacks \"examples\""},
           {R"({"examples": "5"})", "has \"examples\": \"5\""},
           {R"({"examples": 1.5})", "has \"examples\": 1.5"},
           {R"({"examples": -1})", "has \"examples\": -1"},
           {R"({"examples": 1e300})", "has \"examples\": 1e+300"},
           {R"({"examples": 5, "loss": "low"})", "has \"loss\": \"low\", which is no number"}}) {
    CAPTURE(row.metrics);
    const auto trained =
        trainer_of(std::string("cat > metrics.json <<'END'\n") + row.metrics + "\nEND", dir,
                   kNoStop)
            ->train(test_models::model_of({1}), {});
    REQUIRE_FALSE(trained.has_value());
    CHECK(trained.error().code == Errc::kInput);
    CHECK(trained.error().message.find("metrics.json of the command of --exec") == 0);
    CHECK(trained.error().message.find(row.says) != std::string::npos);
    CHECK(trained.error().message.find("exception") == std::string::npos);
    CHECK_FALSE(trained.error().hint.empty());
  }
  CHECK(trainer_of("true", dir, kNoStop)
            ->train(test_models::model_of({1}), {})
            .error()
            .message.find("is missing") != std::string::npos);
  CHECK(trainer_of(R"(echo '{"examples": 6.0}' > metrics.json)", dir, kNoStop)
            ->train(test_models::model_of({1}), {})
            .value()
            .examples == 6);
  CHECK(trainer_of(R"(echo '{"examples": 6}' > metrics.json)", dir, kNoStop)
            ->evaluate(test_models::model_of({1}), {})
            .error()
            .message.find("lacks \"loss\"") != std::string::npos);
}

TEST_CASE("a stop ends the command and its children at once") {
  const test::TempDir dir;
  StopFlag stop;
  stop.raise(SIGTERM);
  const auto trainer = trainer_of("sleep 60 & wait", dir, stop);
  CHECK(trainer->train(test_models::model_of({1}), {}).error().code == Errc::kUnavailable);
}

namespace {

// Whether a process runs; one that ended and that nobody has waited for does not.
bool runs(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_ends = line.rfind(')');
  return name_ends != std::string::npos && name_ends + 2 < line.size() &&
         line[name_ends + 2] != 'Z' && line[name_ends + 2] != 'X';
}

}  // namespace

TEST_CASE("a stop outlasts children that ignore it") {
  const test::TempDir dir;
  StopFlag stop;
  stop.raise(SIGTERM);
  const auto mark = dir / "pid";
  const auto trainer = trainer_of(
      "sh -c 'trap \"\" TERM; echo $$ > " + mark.string() + "; sleep 60' & sleep 0.2; exit", dir,
      stop);
  // The stop may come before the child's trap; either way nothing of the group is left.
  CHECK(trainer->train(test_models::model_of({1}), {}).error().code == Errc::kUnavailable);
  if (std::ifstream file(mark); file) {
    pid_t child = 0;
    file >> child;
    CHECK_FALSE(runs(child));
  }
}

TEST_CASE("a loss that is no number is refused, not sent as 0") {
  const test::TempDir dir;
  const auto trainer =
      trainer_of(R"(echo '{"examples": 1, "loss": "nan"}' > metrics.json)", dir, kNoStop);
  CHECK(trainer->train(test_models::model_of({1}), {}).error().code == Errc::kInput);
}

}  // namespace marvel::federate
