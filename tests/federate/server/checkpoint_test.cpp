#include "federate/server/checkpoint.hpp"

#include "base/file.hpp"
#include "federate/array/npz.hpp"
#include "federate/model_builder.hpp"
#include "support/temp_dir.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel::federate {
namespace {

RunState state_at(std::uint64_t round) {
  RunState state;
  state.run = "r1";
  state.round = round;
  state.model =
      std::make_shared<const Model>(test_models::model_of({static_cast<double>(round), 2}));
  state.histories["edge-1"].merged = round;
  state.histories["edge-1"].loss = 0.25;
  return state;
}

}  // namespace

TEST_CASE("the last saved round is loaded with moments and histories, and older files are gone") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir / "run", "fedadam");
  REQUIRE(checkpoint.prepare(false).has_value());
  CHECK_FALSE(checkpoint.load()->has_value());
  const Model moment = test_models::model_of({7});
  REQUIRE(checkpoint.save(state_at(1), {&moment}).has_value());
  REQUIRE(write_file_atomically(dir / "run/model-2.npz.tmp-abc123", "half").has_value());
  REQUIRE(checkpoint.save(state_at(2), {&moment, &moment}).has_value());
  const auto loaded = checkpoint.load();
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->has_value());
  const RunState& state = **loaded;
  CHECK(state.run == "r1");
  CHECK(state.round == 2);
  CHECK((*state.model)[0].at(0) == 2);
  CHECK(state.moments.size() == 2);
  CHECK(state.histories.at("edge-1").merged == 2);
  CHECK(*state.histories.at("edge-1").loss == 0.25);
  CHECK_FALSE(state.histories.at("edge-1").accuracy.has_value());
  CHECK_FALSE(std::filesystem::exists(dir / "run/model-1.npz"));
  CHECK_FALSE(std::filesystem::exists(dir / "run/model-2.npz.tmp-abc123"));
  CHECK(load_npz(checkpoint.model_path())->at(0).at(0) == 2);
}

TEST_CASE("files that only look like those of older rounds stay") {
  const test::TempDir dir;
  const std::array<const char*, 5> mine{"model-2024-05-01.npz", "model-1-0.npz", "model-1a.npz",
                                        "moments-1.npz", "moments-1-0-2.npz"};
  for (const char* name : mine) {
    REQUIRE(write_file_atomically(dir / name, "mine").has_value());
  }
  const Checkpoint checkpoint(dir.path(), "fedadam");
  const Model moment = test_models::model_of({7});
  for (const std::uint64_t round : {1, 2}) {
    REQUIRE(checkpoint.save(state_at(round), {&moment}).has_value());
  }
  for (const char* name : mine) {
    CHECK(std::filesystem::exists(dir / name));
  }
  CHECK_FALSE(std::filesystem::exists(dir / "model-1.npz"));
  CHECK_FALSE(std::filesystem::exists(dir / "moments-1-0.npz"));
  CHECK(std::filesystem::exists(dir / "moments-2-0.npz"));
}

TEST_CASE("the copy of the newest model may wait, and the model itself does not") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedavg");
  REQUIRE(checkpoint.save(state_at(1), {}).has_value());
  REQUIRE(checkpoint.save(state_at(2), {}, false).has_value());
  CHECK(load_npz(checkpoint.model_path())->at(0).at(0) == 1);
  CHECK((*(*checkpoint.load())->model)[0].at(0) == 2);
  checkpoint.copy_model(2);
  CHECK(load_npz(checkpoint.model_path())->at(0).at(0) == 2);
}

TEST_CASE("a folder with a run is not overwritten, and not resumed with another strategy") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedavg");
  REQUIRE(checkpoint.save(state_at(1), {}).has_value());
  CHECK(checkpoint.prepare(false).error().code == Errc::kInput);
  CHECK(checkpoint.prepare(true).has_value());
  CHECK(Checkpoint(dir.path(), "nus").load().error().hint == "resume with --strategy fedavg");
}

TEST_CASE("a folder is for one server, which is told before what is in it") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir / "run", "fedavg");
  {
    const auto lock = checkpoint.prepare(false);
    REQUIRE(lock.has_value());
    CHECK(lock->is_held());
    REQUIRE(checkpoint.save(state_at(1), {}).has_value());
    for (const bool resume : {false, true}) {
      const auto second = Checkpoint(dir / "run", "nus").prepare(resume);
      REQUIRE_FALSE(second.has_value());
      CHECK(second.error().code == Errc::kConflict);
      CHECK(second.error().message ==
            "another server runs with the checkpoint folder '" + (dir / "run").string() + "'");
    }
  }
  CHECK(checkpoint.prepare(true).has_value());
  CHECK(checkpoint.prepare(false).error().code == Errc::kInput);
}

TEST_CASE("a damaged state, and one that names files elsewhere, is refused") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedavg");
  REQUIRE(checkpoint.save(state_at(1), {}).has_value());
  std::string text = *read_file(dir / "state.json");
  for (std::size_t length = 0; length + 2 < text.size(); length += 5) {
    REQUIRE(write_file_atomically(dir / "state.json", text.substr(0, length)).has_value());
    CHECK(checkpoint.load().error().code == Errc::kInput);
  }
  text.replace(text.find("model-1.npz"), 11, "../x/m-1.npz");
  REQUIRE(write_file_atomically(dir / "state.json", text).has_value());
  CHECK(checkpoint.load().error().code == Errc::kInput);
}

TEST_CASE("a full disk is told and leaves the round before whole") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedavg");
  REQUIRE(checkpoint.save(state_at(1), {}).has_value());
  std::filesystem::create_directory(dir / "model-2.npz");  // which no file can replace
  CHECK(checkpoint.save(state_at(2), {}).error().code == Errc::kUnavailable);
  CHECK((*checkpoint.load())->round == 1);
}

TEST_CASE("what evaluations found survives a restart, also when only that is saved anew") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedadam");
  RunState state = state_at(3);
  state.best_loss = 0.5;
  state.best_round = 2;
  state.judged_round = 3;
  state.accuracy = 0.75;
  const Model moment = test_models::model_of({7});
  REQUIRE(checkpoint.save(state, {&moment}).has_value());
  auto loaded = checkpoint.load();
  REQUIRE(loaded.has_value());
  CHECK((**loaded).best_loss == 0.5);
  CHECK((**loaded).best_round == 2);
  CHECK((**loaded).judged_round == 3);
  CHECK((**loaded).accuracy == 0.75);
  state.best_loss = 0.25;
  state.accuracy.reset();
  REQUIRE(checkpoint.note(state, 1).has_value());
  loaded = checkpoint.load();
  REQUIRE(loaded.has_value());
  CHECK((**loaded).best_loss == 0.25);
  CHECK_FALSE((**loaded).accuracy.has_value());
  CHECK((**loaded).moments.size() == 1);
  CHECK((*(**loaded).model)[0].at(0) == 3);
}

TEST_CASE("reports of rounds survive a restart, also the one whose evaluation was under way") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedavg");
  RoundReport report;
  RunState state = state_at(0);
  REQUIRE(checkpoint.save(state, {}).has_value());
  for (report.round = state.round = 1; report.round <= 2; ++report.round, ++state.round) {
    state.unreported = report;
    REQUIRE(checkpoint.save(state, {}).has_value());
    if (report.round == 1) {
      REQUIRE(checkpoint.report(report).has_value());
    }
  }
  auto loaded = checkpoint.load();
  REQUIRE(loaded.has_value());
  REQUIRE((**loaded).unreported.has_value());
  CHECK((**loaded).unreported->round == 2);
  REQUIRE((**loaded).reports.size() == 1);
  CHECK((**loaded).reports[0].round == 1);
  REQUIRE(checkpoint.report(*(**loaded).unreported).has_value());  // and dies before the note
  loaded = checkpoint.load();
  REQUIRE(loaded.has_value());
  CHECK_FALSE((**loaded).unreported.has_value());
  CHECK((**loaded).reports.size() == 2);
}

TEST_CASE("the account of privacy survives a restart") {
  const test::TempDir dir;
  const Checkpoint checkpoint(dir.path(), "fedavg");
  RunState state = state_at(3);
  state.privacy.emplace();
  state.privacy->releases = {{0.1, 1.5, 3}};
  REQUIRE(checkpoint.save(state, {}).has_value());
  const auto loaded = checkpoint.load();
  REQUIRE(loaded.has_value());
  CHECK((**loaded).privacy->releases == state.privacy->releases);
}

}  // namespace marvel::federate
