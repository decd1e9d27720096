#pragma once

#include "base/log.hpp"
#include "base/stop.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace marvel::regex {

// Which files of a folder are searched. Globs are fnmatch(3)'s and look at the name without its
// folders, as grep's do; "*" matches names that begin with a dot as well.
struct FileFilter {
  std::vector<std::string> include;      // a file must match one of them, if there are any
  std::vector<std::string> exclude;      // and none of these
  std::vector<std::string> exclude_dir;  // folders whose name matches are not entered
};

// Gives `paths` one after the other with every folder replaced by the regular files below it, by
// name. A folder is read when its turn comes. A link is followed only when it is in `paths` itself,
// so no tree goes in circles. What is in `paths` itself stays whatever the filter says, also when
// it is not there or is "-"; opening it is the caller's business.
//
// The order is that of the names, so it does not depend on the file system. In memory are the
// entries of the folders on the way down. One thread.
class TreeWalk {
 public:
  // `filter`, `log` and `stop` must outlive this; `paths` need not.
  TreeWalk(const std::vector<std::string>& paths, const FileFilter& filter, Log& log,
           const StopFlag& stop);

  // The next file, or nothing at the end and once `stop` is raised. A folder that cannot be read is
  // an error in the log; what was read of it is given, and the walk goes on.
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
  const StopFlag& stop_;
  // What is still to come, the next one last: deep trees need no deep stack.
  std::vector<Entry> left_;
  bool failed_ = false;
};

}  // namespace marvel::regex
