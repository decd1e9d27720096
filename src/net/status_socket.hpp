#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::net {

// A Unix socket and how messages call what stands behind it.
struct StatusPlace {
  std::filesystem::path socket;
  std::string what;  // that answers: "node"
  std::string name;  // of the place, for people: "the state folder '/var/lib/vpn'"
  std::string flag;  // that chooses it: "--state"
};

// The state of a running program for its administrator: whoever connects to the Unix socket gets
// one document and the end. Only the user of the program may connect.
class StatusSocket {
 public:
  // Not open; descriptor -1.
  StatusSocket() = default;
  // Replaces a socket that a killed program has left; kConflict when one answers on it, kInput when
  // the path is too long for a socket. Of two that begin at once both may find that nobody answers:
  // where that matters, hold the folder's lock (base/folder_lock.hpp).
  static Result<StatusSocket> listen(const StatusPlace& place);
  StatusSocket(StatusSocket&&) noexcept = default;
  StatusSocket& operator=(StatusSocket&&) noexcept = default;
  StatusSocket(const StatusSocket&) = delete;
  StatusSocket& operator=(const StatusSocket&) = delete;
  ~StatusSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // Gives `document` to one who has connected; without effect when nobody has. Who does not read
  // holds the caller up for at most 200 ms per piece.
  void answer(std::string_view document);

 private:
  StatusSocket(Fd fd, std::filesystem::path path);

  Fd fd_;
  std::filesystem::path path_;
};

// The document of the program behind the socket. kUnavailable when none runs.
Result<std::string> read_status(const StatusPlace& place);

}  // namespace marvel::net
