#include "regex/tree_walk.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fnmatch.h>

namespace marvel::regex {
namespace {

namespace fs = std::filesystem;

bool matches_any(const std::vector<std::string>& globs, const std::string& name) {
  return std::any_of(globs.begin(), globs.end(), [&name](const std::string& glob) {
    return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

class Walk {
 public:
  Walk(const FileFilter& filter, Log& log) : filter_(filter), log_(log) {}

  // Folders still to be read are kept in a list, so that deep trees need no deep stack; what is
  // found first comes last in it.
  void add(const fs::path& folder) {
    std::vector<fs::path> folders{folder};
    while (!folders.empty()) {
      const fs::path now = std::move(folders.back());
      folders.pop_back();
      std::error_code error;
      if (!fs::is_directory(fs::symlink_status(now, error)) && now != folder) {
        files_.push_back(now.string());
        continue;
      }
      const auto entries = read(now);
      folders.insert(folders.end(), entries.rbegin(), entries.rend());
    }
  }

  std::vector<std::string> files_;
  bool failed_ = false;

 private:
  // Files and folders that are wanted, by name.
  std::vector<fs::path> read(const fs::path& folder) {
    std::vector<fs::path> wanted;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (wants(*at)) {
        wanted.push_back(at->path());
      }
    }
    if (error) {
      log_.write(LogLevel::kError,
                 "cannot read folder '" + folder.string() + "': " + error.message());
      failed_ = true;
    }
    std::sort(wanted.begin(), wanted.end());
    return wanted;
  }

  [[nodiscard]] bool wants(const fs::directory_entry& entry) const {
    std::error_code error;
    const fs::file_status status = entry.symlink_status(error);
    const std::string name = entry.path().filename().string();
    if (fs::is_directory(status)) {
      return !matches_any(filter_.exclude_dir, name);
    }
    return fs::is_regular_file(status) && !matches_any(filter_.exclude, name) &&
           (filter_.include.empty() || matches_any(filter_.include, name));
  }

  const FileFilter& filter_;
  Log& log_;
};

}  // namespace

std::vector<std::string> files_below(const std::vector<std::string>& paths,
                                     const FileFilter& filter, Log& log, bool& failed) {
  Walk walk(filter, log);
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      walk.add(path);
    } else {
      walk.files_.push_back(path);
    }
  }
  failed = failed || walk.failed_;
  return std::move(walk.files_);
}

}  // namespace marvel::regex
