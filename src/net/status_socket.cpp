#include "net/status_socket.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>

namespace marvel::net {
namespace {

constexpr timeval kPatience{2, 0};

Result<sockaddr_un> address_of(const StatusPlace& place) {
  const auto& path = place.socket;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) {
    return fail(Errc::kInput, "the path '" + path.string() + "' is too long for a socket",
                "choose a shorter " + place.flag);
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

// A socket that is connected to a running program, or not open.
Fd connected(const sockaddr_un& address) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.is_open() &&
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return {};
  }
  return fd;
}

}  // namespace

StatusSocket::StatusSocket(Fd fd, std::filesystem::path path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

StatusSocket::~StatusSocket() {
  if (fd_.is_open()) {
    ::unlink(path_.c_str());
  }
}

Result<StatusSocket> StatusSocket::listen(const StatusPlace& place) {
  const auto& path = place.socket;
  MARVEL_TRY(const sockaddr_un address, address_of(place));
  if (connected(address).is_open()) {
    return fail(Errc::kConflict, "another " + place.what + " runs with " + place.name,
                "each " + place.what + " needs one of its own: " + place.flag);
  }
  ::unlink(path.c_str());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const mode_t before = ::umask(077);
  const bool bound = fd.is_open() && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                                            sizeof address) == 0;
  ::umask(before);
  if (!bound || ::listen(fd.get(), 8) != 0) {
    return fail(Errc::kUnavailable, "cannot listen on '" + path.string() +
                                        "': " + std::generic_category().message(errno));
  }
  return StatusSocket(std::move(fd), path);
}

void StatusSocket::answer(std::string_view document) {
  const Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!client.is_open()) {
    return;
  }
  // A reader that does not read must not hold up the work.
  constexpr timeval kShort{0, 200'000};
  ::setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &kShort, sizeof kShort);
  while (!document.empty()) {
    const ssize_t sent = ::send(client.get(), document.data(), document.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    document.remove_prefix(static_cast<std::size_t>(sent));
  }
}

Result<std::string> read_status(const StatusPlace& place) {
  MARVEL_TRY(const sockaddr_un address, address_of(place));
  const Fd fd = connected(address);
  if (!fd.is_open()) {
    return fail(Errc::kUnavailable, "no " + place.what + " runs with " + place.name,
                "name what the " + place.what + " got with " + place.flag);
  }
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
