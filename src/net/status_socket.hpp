#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::net {

// A Unix socket and how messages call what stands behind it.
struct StatusPlace {
  // At most 107 bytes long, what a socket's address has room for.
  std::filesystem::path socket;
  std::string what;  // that answers: "node"
  std::string name;  // of the place, for people: "the state folder '/var/lib/vpn'"
  std::string flag;  // that chooses it: "--state"
};

// The state of a running program for its administrator: whoever connects to the Unix socket gets
// one document and the end. Nothing is read from who asks, so there is no protocol to get wrong.
// Only the user of the program may connect, and root.
//
// It has no thread: the owner polls fd() beside its other descriptors and calls answer() when it is
// readable; `marvel vpn status` and `marvel fedl status` call read_status(). The file of the socket
// goes with this object; a program that is killed leaves it, which harms nobody.
//   MARVEL_TRY(auto status, StatusSocket::listen(place));
//   if (poll(...) > 0) status.answer(document);
//   MARVEL_TRY(const std::string json, read_status(place));  // in another process
class StatusSocket {
 public:
  // Not open; descriptor -1.
  StatusSocket() = default;
  // Replaces a socket that a killed program has left; kConflict when one answers on it, kInput when
  // the path is too long for a socket. Of two that begin at once both may find that nobody answers:
  // where that matters, hold the folder's lock (base/folder_lock.hpp). kUnavailable when nothing
  // can be made there.
  static Result<StatusSocket> listen(const StatusPlace& place);
  StatusSocket(StatusSocket&&) noexcept = default;
  StatusSocket& operator=(StatusSocket&&) noexcept = default;
  StatusSocket(const StatusSocket&) = delete;
  StatusSocket& operator=(const StatusSocket&) = delete;
  ~StatusSocket();

  [[nodiscard]] int fd() const { return fd_.get(); }
  // Gives `document` to one who has connected; without effect when nobody has. Who does not read
  // holds the caller up for at most 200 ms per piece. One connection per call. Building the
  // document is the caller's cost, so it is made when somebody asks, not before.
  void answer(std::string_view document);

 private:
  StatusSocket(Fd fd, std::filesystem::path path);

  Fd fd_;
  std::filesystem::path path_;
};

// The document of the program behind the socket. kUnavailable when none runs. kTimeout when it says
// nothing for two seconds, kInput as for listen. Waits for the end of the document; its size is not
// bounded, because it comes from a program of the same user. The text is not looked at: an empty
// one is what a program leaves that ends at that moment.
Result<std::string> read_status(const StatusPlace& place);

}  // namespace marvel::net
