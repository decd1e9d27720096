#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string_view>
#include <utility>

namespace marvel {

// How messages call the one who works with a folder. The views must live as long as the call that
// gets them; in marvel they are literals.
//   {"node", "state folder", "--state"}
// gives "another node runs with the state folder '/var/lib/marvel-vpn'".
struct FolderUser {
  std::string_view what;    // that works with it: "node"; its lock is the file node.lock
  std::string_view folder;  // that kind of folder: "state folder"
  std::string_view flag;    // that chooses it: "--state"
};

// Held by the one process that works with a folder, until this object or the process ends, however
// it ends: flock(2) on a file in the folder. The file stays; by itself it locks nothing, and nobody
// needs to clean up after a kill. Programs that are started meanwhile do not hold it. Asking
// whether somebody answers at a socket in the folder would not do: two that begin at once would
// both find nobody. It keeps apart only those that ask for it.
//   MARVEL_TRY(const FolderLock lock, FolderLock::take(folder, kNode));
class FolderLock {
 public:
  // Holds nothing.
  FolderLock() = default;
  // Does not wait. `folder` exists. kConflict while another one holds it, in this process too;
  // kUnavailable when the file cannot be made or locked. The file has mode 0600; a symbolic link in
  // its place is not followed.
  static Result<FolderLock> take(const std::filesystem::path& folder, const FolderUser& user);

  [[nodiscard]] bool is_held() const { return file_.is_open(); }

 private:
  explicit FolderLock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

}  // namespace marvel
