#include "regex/tree_walk.hpp"

#include <algorithm>
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

}  // namespace

TreeWalk::TreeWalk(const std::vector<std::string>& paths, const FileFilter& filter, Log& log,
                   const StopFlag& stop)
    : filter_(filter), log_(log), stop_(stop) {
  for (const std::string& path : paths) {
    std::error_code error;
    left_.push_back({path, path != "-" && fs::is_directory(path, error)});
  }
  std::reverse(left_.begin(), left_.end());
}

std::optional<std::string> TreeWalk::next() {
  while (!left_.empty() && !stop_.raised()) {
    const Entry now = std::move(left_.back());
    left_.pop_back();
    if (!now.is_folder) {
      return now.path.string();
    }
    auto entries = read(now.path);
    left_.insert(left_.end(), entries.rbegin(), entries.rend());
  }
  return std::nullopt;
}

// Files and folders that are wanted, by name.
std::vector<TreeWalk::Entry> TreeWalk::read(const fs::path& folder) {
  std::vector<Entry> wanted;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end && !stop_.raised();
       at.increment(error)) {
    if (wants(*at)) {
      std::error_code ignored;
      wanted.push_back({at->path(), fs::is_directory(at->symlink_status(ignored))});
    }
  }
  if (error) {
    log_.write(LogLevel::kError,
               "cannot read folder '" + folder.string() + "': " + error.message());
    failed_ = true;
  }
  std::sort(wanted.begin(), wanted.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return wanted;
}

bool TreeWalk::wants(const fs::directory_entry& entry) const {
  std::error_code error;
  const fs::file_status status = entry.symlink_status(error);
  const std::string name = entry.path().filename().string();
  if (fs::is_directory(status)) {
    return !matches_any(filter_.exclude_dir, name);
  }
  return fs::is_regular_file(status) && !matches_any(filter_.exclude, name) &&
         (filter_.include.empty() || matches_any(filter_.include, name));
}

}  // namespace marvel::regex
