#include "net/status_socket.hpp"

#include "net/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace marvel::net {

StatusSocket::StatusSocket(Fd fd, std::filesystem::path path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

StatusSocket::~StatusSocket() {
  if (fd_.is_open()) {
    ::unlink(path_.c_str());
  }
}

Result<StatusSocket> StatusSocket::listen(const StatusPlace& place) {
  MARVEL_TRY(const Fd other, connect_unix(place.socket, place.flag));
  if (other.is_open()) {
    return fail(Errc::kConflict, "another " + place.what + " runs with " + place.name,
                "each " + place.what + " needs one of its own: " + place.flag);
  }
  MARVEL_TRY(Fd fd, listen_unix(place.socket, place.flag));
  return StatusSocket(std::move(fd), place.socket);
}

void StatusSocket::answer(std::string_view document) {
  const Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (client.is_open()) {
    send_unix(client.get(), document);
  }
}

Result<std::string> read_status(const StatusPlace& place) {
  MARVEL_TRY(const Fd fd, connect_unix(place.socket, place.flag));
  if (!fd.is_open()) {
    return fail(Errc::kUnavailable, "no " + place.what + " runs with " + place.name,
                "name what the " + place.what + " got with " + place.flag);
  }
  constexpr timeval kPatience{2, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  std::string document;
  char buffer[16384];
  ssize_t got = 0;
  while ((got = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0) {
    document.append(buffer, static_cast<std::size_t>(got));
  }
  if (got < 0) {
    return fail(Errc::kTimeout, "the " + place.what + " does not answer");
  }
  return document;
}

}  // namespace marvel::net
