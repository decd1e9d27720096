#pragma once

#include "base/log.hpp"

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

// `paths` with every folder replaced by the regular files below it, by name. A link is followed
// only when it is in `paths` itself, so no tree goes in circles. Files that are in `paths`
// themselves stay whatever the filter says. A folder that cannot be read is an error in `log` and
// `failed` is set.
std::vector<std::string> files_below(const std::vector<std::string>& paths,
                                     const FileFilter& filter, Log& log, bool& failed);

}  // namespace marvel::regex
