#pragma once

#include "base/fd.hpp"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>

namespace marvel::cli {

// For a file that several runs read, change and replace: who holds this is alone in that. Waits for
// its turn (flock(2) on the folder of `file`, which stays when the file is replaced) and keeps it
// until it is closed. Where the folder or its file system knows no locks nobody waits.
//   const Fd turn = turn_in_folder_of(file);
inline Fd turn_in_folder_of(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.is_open()) {
    ::flock(fd.get(), LOCK_EX);
  }
  return fd;
}

}  // namespace marvel::cli
