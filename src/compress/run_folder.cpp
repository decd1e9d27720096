#include "compress/run_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace marvel::compress {
namespace {

namespace fs = std::filesystem;

// What an earlier run left would pass for this one's, were this one ended before it has its own.
Status remove_results(const fs::path& out) {
  for (const char* const file : {kCheckpointFile, kModelFile, kReportFile, kPageFile}) {
    std::error_code error;
    fs::remove(out / file, error);
    if (error) {
      return fail(Errc::kInput,
                  fmt::format("cannot replace '{}': {}", (out / file).string(), error.message()));
    }
  }
  return {};
}

constexpr FolderUser kRun{"training", "output folder", "--out"};
constexpr const char* kLockFile = "training.lock";

bool holds_files(const fs::path& out) {
  std::error_code error;
  const fs::directory_iterator files(out, error);
  if (error) {
    return fs::exists(out, error);  // what cannot be looked at may hold anything
  }
  return std::any_of(begin(files), end(files),
                     [](const auto& file) { return file.path().filename() != kLockFile; });
}

Status check_unused(const TrainOptions& options) {
  if (options.force || options.resume || !holds_files(options.out)) {
    return {};
  }
  return fail(Errc::kInput, fmt::format("output folder '{}' is not empty", options.out),
              "go on with --resume, or replace it with --force");
}

}  // namespace

Result<FolderLock> prepare_folder(const TrainOptions& options) {
  std::error_code error;
  const fs::path out(options.out);
  if (fs::exists(out, error) && !fs::is_directory(out, error)) {
    return fail(Errc::kInput, fmt::format("--out '{}' exists and is no folder", options.out));
  }
  // A folder that no run has used gets no file of ours when it is refused.
  if (!fs::exists(out / kLockFile, error)) {
    MARVEL_TRY_STATUS(check_unused(options));
  }
  fs::create_directories(out, error);
  if (error) {
    return fail(Errc::kInput,
                fmt::format("cannot make folder '{}': {}", options.out, error.message()));
  }
  MARVEL_TRY(FolderLock lock, FolderLock::take(out, kRun));
  MARVEL_TRY_STATUS(check_unused(options));
  if (options.force) {
    MARVEL_TRY_STATUS(remove_results(out));
  }
  return lock;
}

}  // namespace marvel::compress
