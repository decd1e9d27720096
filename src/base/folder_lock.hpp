#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string_view>
#include <utility>

namespace marvel {

// How messages call the one who works with a folder.
struct FolderUser {
  std::string_view what;    // that works with it: "node"; its lock is the file node.lock
  std::string_view folder;  // that kind of folder: "state folder"
  std::string_view flag;    // that chooses it: "--state"
};

// Held by the one process that works with a folder, until this object or the process ends, however
// it ends. The file stays; by itself it locks nothing. Asking whether somebody answers at a socket
// in the folder would not do: two that begin at once would both find nobody.
class FolderLock {
 public:
  // Holds nothing.
  FolderLock() = default;
  // Does not wait. `folder` exists. kConflict while another one holds it, in this process too;
  // kUnavailable when the file cannot be made or locked.
  static Result<FolderLock> take(const std::filesystem::path& folder, const FolderUser& user);

  [[nodiscard]] bool is_held() const { return file_.is_open(); }

 private:
  explicit FolderLock(Fd file) : file_(std::move(file)) {}
  Fd file_;
};

}  // namespace marvel
