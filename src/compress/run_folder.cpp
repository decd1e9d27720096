#include "compress/run_folder.hpp"

#include <filesystem>

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

}  // namespace

Status prepare_folder(const TrainOptions& options) {
  std::error_code error;
  const fs::path out(options.out);
  if (fs::exists(out, error) && !fs::is_directory(out, error)) {
    return fail(Errc::kInput, fmt::format("--out '{}' exists and is no folder", options.out));
  }
  const bool used = fs::exists(out, error) && !fs::is_empty(out, error);
  if (used && !options.force && !options.resume) {
    return fail(Errc::kInput, fmt::format("output folder '{}' is not empty", options.out),
                "go on with --resume, or replace it with --force");
  }
  fs::create_directories(out, error);
  if (error) {
    return fail(Errc::kInput,
                fmt::format("cannot make folder '{}': {}", options.out, error.message()));
  }
  return options.force ? remove_results(out) : Status();
}

}  // namespace marvel::compress
