#pragma once

#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "vpn/io/fd.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::vpn {

// The state of a running node for its administrator: whoever connects to the Unix socket in the
// node's state folder gets one JSON document and the end. Only the owner of the folder may connect.
// It also holds the folder's lock, so that no two nodes share keys and leases.
class StatusSocket {
 public:
  // Replaces a socket that a killed node has left; kConflict while another node has the folder.
  static Result<StatusSocket> listen(const std::filesystem::path& state_folder);
  StatusSocket(StatusSocket&&) noexcept = default;
  StatusSocket& operator=(StatusSocket&&) noexcept = default;
  StatusSocket(const StatusSocket&) = delete;
  StatusSocket& operator=(const StatusSocket&) = delete;
  ~StatusSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // Gives `document` to one who has connected; without effect when nobody has.
  void answer(std::string_view document);

 private:
  StatusSocket(FolderLock lock, Fd fd, std::filesystem::path path);

  FolderLock lock_;
  Fd fd_;
  std::filesystem::path path_;
};

// The document of the node with this state folder. kUnavailable when none runs.
Result<std::string> read_status(const std::filesystem::path& state_folder);

}  // namespace marvel::vpn
