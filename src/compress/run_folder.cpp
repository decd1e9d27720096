#include "compress/run_folder.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fnmatch.h>

namespace marvel::compress {
namespace {

namespace fs = std::filesystem;

constexpr std::array kResults{kCheckpointFile, kModelFile, kReportFile, kPageFile};

// What an earlier run left would pass for this one's, were this one ended before it has its own.
Status remove_results(const fs::path& out) {
  for (const char* const file : kResults) {
    std::error_code error;
    fs::remove(out / file, error);
    if (error) {
      return fail(Errc::kInput,
                  fmt::format("cannot replace '{}': {}", (out / file).string(), error.message()));
    }
  }
  return {};
}

bool matches(const std::string& name, const std::string& glob) {
  return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
}

// The dense network for the comparison, or a file of ours under the name that it has while it is
// written (AtomicFile in base/file.hpp).
bool is_unfinished(const std::string& name) {
  const auto is_of = [&name](const char* file) {
    return matches(name, std::string(file) + ".tmp-??????");
  };
  return name == kDenseFile || is_of(kDenseFile) ||
         std::any_of(kResults.begin(), kResults.end(), is_of);
}

// Of runs that were killed. They can be as large as a checkpoint each, and nobody would ever use
// them. One that cannot be removed does no harm.
void remove_unfinished(const fs::path& out) {
  std::error_code error;
  std::vector<fs::path> unfinished;
  for (fs::directory_iterator at(out, error), end; !error && at != end; at.increment(error)) {
    if (is_unfinished(at->path().filename().string())) {
      unfinished.push_back(at->path());
    }
  }
  for (const auto& file : unfinished) {
    fs::remove(file, error);
  }
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

// Without its checkpoint a run could only begin again, and replace what it came to.
Status check_checkpoint(const fs::path& out) {
  std::error_code ignored;
  if (fs::exists(out / kCheckpointFile, ignored) ||
      (!fs::exists(out / kModelFile, ignored) && !fs::exists(out / kReportFile, ignored))) {
    return {};
  }
  return fail(Errc::kInput,
              fmt::format("output folder '{}' holds a result but no checkpoint", out.string()),
              "--force replaces it");
}

Status check_content(const TrainOptions& options) {
  if (options.resume) {
    return check_checkpoint(options.out);
  }
  if (options.force || !holds_files(options.out)) {
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
    MARVEL_TRY_STATUS(check_content(options));
  }
  fs::create_directories(out, error);
  if (error) {
    return fail(Errc::kInput,
                fmt::format("cannot make folder '{}': {}", options.out, error.message()));
  }
  MARVEL_TRY(FolderLock lock, FolderLock::take(out, kRun));
  MARVEL_TRY_STATUS(check_content(options));
  remove_unfinished(out);
  if (options.force) {
    MARVEL_TRY_STATUS(remove_results(out));
  }
  return lock;
}

}  // namespace marvel::compress
