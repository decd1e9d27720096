#include "base/folder_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>

#include <fmt/core.h>

namespace marvel {

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder, const FolderUser& user) {
  const auto path = folder / fmt::format("{}.lock", user.what);
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.is_open() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
    return FolderLock(std::move(file));
  }
  if (file.is_open() && errno == EWOULDBLOCK) {
    return fail(
        Errc::kConflict,
        fmt::format("another {} runs with the {} '{}'", user.what, user.folder, folder.string()),
        fmt::format("each {} needs a folder of its own: {}", user.what, user.flag));
  }
  return fail(
      Errc::kUnavailable,
      fmt::format("cannot lock '{}': {}", path.string(), std::generic_category().message(errno)),
      fmt::format("{} names another folder", user.flag));
}

}  // namespace marvel
