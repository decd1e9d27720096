#include "compress/run_folder.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace marvel::compress {
namespace {

namespace fs = std::filesystem;

TrainOptions into(const fs::path& folder) {
  TrainOptions options;
  options.out = folder.string();
  return options;
}

void put(const fs::path& file) {
  REQUIRE(write_file_atomically(file, "old").has_value());
}

}  // namespace

TEST_CASE("a folder that is not there is made, with those above it") {
  const test::TempDir dir;
  CHECK(prepare_folder(into(dir / "a/b")).has_value());
  CHECK(fs::is_directory(dir / "a/b"));
  CHECK(prepare_folder(into(dir / "a/b")).has_value());  // empty: as good as new
}

TEST_CASE("a used folder is left as it is unless told what to do") {
  const test::TempDir dir;
  put(dir / kModelFile);
  const auto refused = prepare_folder(into(dir.path()));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::kInput);
  CHECK(refused.error().hint == "go on with --resume, or replace it with --force");
  CHECK(fs::exists(dir / kModelFile));
  CHECK(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("one run at a time works in a folder") {
  const test::TempDir dir;
  auto options = into(dir / "out");
  {
    const auto first = prepare_folder(options);
    REQUIRE(first.has_value());
    CHECK(prepare_folder(options).error().code == Errc::kConflict);
    put(dir / "out" / kCheckpointFile);
    for (bool* const how : {&options.force, &options.resume}) {
      *how = true;
      CHECK(prepare_folder(options).error().code == Errc::kConflict);
      *how = false;
    }
    CHECK(fs::exists(dir / "out" / kCheckpointFile));
  }
  CHECK(prepare_folder(options).error().code == Errc::kInput);
  options.resume = true;
  CHECK(prepare_folder(options).has_value());
}

TEST_CASE("--resume keeps what is there") {
  const test::TempDir dir;
  put(dir / kCheckpointFile);
  auto options = into(dir.path());
  options.resume = true;
  CHECK(prepare_folder(options).has_value());
  CHECK(fs::exists(dir / kCheckpointFile));
}

TEST_CASE("--resume never begins again over a result whose checkpoint is gone") {
  for (const char* const name : {kModelFile, kReportFile}) {
    const test::TempDir dir;
    put(dir / name);
    auto options = into(dir.path());
    options.resume = true;
    const auto refused = prepare_folder(options);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Errc::kInput);
    CHECK(refused.error().hint == "--force replaces it");
    CHECK(*read_file(dir / name) == "old");
    put(dir / kCheckpointFile);
    CHECK(prepare_folder(options).has_value());
  }
}

TEST_CASE("--resume begins where a run was killed before its first checkpoint") {
  const test::TempDir dir;
  put(dir / "notes.txt");
  auto options = into(dir.path());
  options.resume = true;
  CHECK(prepare_folder(options).has_value());
}

TEST_CASE("what killed runs were writing is removed, and nobody else's files") {
  for (const bool force : {false, true}) {
    CAPTURE(force);
    const test::TempDir dir;
    const std::vector<std::string> unfinished{"checkpoint.pt.tmp-abc123", "model.pt.tmp-abc123",
                                              "report.json.tmp-abc123",   "report.html.tmp-abc123",
                                              "dense.pt.tmp.tmp-abc123",  "dense.pt.tmp"};
    const std::vector<std::string> others{"notes.tmp-abc123", "checkpoint.pt.tmp-abc1234",
                                          "my-model.pt.tmp-abc123"};
    for (const auto& names : {unfinished, others}) {
      for (const auto& name : names) {
        put(dir / name);
      }
    }
    auto options = into(dir.path());
    CHECK_FALSE(prepare_folder(options).has_value());
    CHECK(fs::exists(dir / "dense.pt.tmp"));
    options.force = force;
    options.resume = !force;
    CHECK(prepare_folder(options).has_value());
    for (const auto& name : unfinished) {
      CHECK_FALSE(fs::exists(dir / name));
    }
    for (const auto& name : others) {
      CHECK(fs::exists(dir / name));
    }
  }
}

TEST_CASE("--force removes a run's results and nobody else's files") {
  const test::TempDir dir;
  for (const char* const name :
       {kCheckpointFile, kModelFile, kReportFile, kPageFile, "notes.txt"}) {
    put(dir / name);
  }
  auto options = into(dir.path());
  options.force = true;
  CHECK(prepare_folder(options).has_value());
  CHECK(fs::exists(dir / "notes.txt"));
  for (const char* const name : {kCheckpointFile, kModelFile, kReportFile, kPageFile}) {
    CHECK_FALSE(fs::exists(dir / name));
  }
}

TEST_CASE("a file in the folder's place is refused, --force or not") {
  const test::TempDir dir;
  put(dir / "out");
  auto options = into(dir / "out");
  CHECK(prepare_folder(options).error().code == Errc::kInput);
  options.force = true;
  CHECK(prepare_folder(options).error().code == Errc::kInput);
  CHECK(fs::is_regular_file(dir / "out"));
  CHECK(prepare_folder(into(dir / "out/below")).error().code == Errc::kInput);
}

}  // namespace marvel::compress
