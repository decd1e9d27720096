#pragma once

#include "base/log.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace marvel::regex {

// Which files of a folder are searched. Globs are fnmatch(3)'s and look at the name without its
// folders, as grep's do.
struct FileFilter {
  std::vector<std::string> include;      // a file must match one of them, if there are any
  std::vector<std::string> exclude;      // and none of these
  std::vector<std::string> exclude_dir;  // folders whose name matches are not entered
};

// Gives `paths` one after the other with every folder replaced by the regular files below it, by
// name. A folder is read when its turn comes. A link is followed only when it is in `paths` itself,
// so no tree goes in circles. Files that are in `paths` themselves stay whatever the filter says.
class TreeWalk {
 public:
  // `filter` and `log` must outlive this.
  TreeWalk(const std::vector<std::string>& paths, const FileFilter& filter, Log& log);

  // The next file, or nothing at the end.
  std::optional<std::string> next();

  // A folder could not be read; the log says which.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  struct Entry {
    std::filesystem::path path;
    bool is_folder = false;
  };
  std::vector<Entry> read(const std::filesystem::path& folder);
  [[nodiscard]] bool wants(const std::filesystem::directory_entry& entry) const;

  const FileFilter& filter_;
  Log& log_;
  // What is still to come, the next one last: deep trees need no deep stack.
  std::vector<Entry> left_;
  bool failed_ = false;
};

}  // namespace marvel::regex
