#include "net/unix_socket.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>

namespace marvel::net {
namespace {

Result<sockaddr_un> address_of(const std::filesystem::path& path, const std::string& flag) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) {
    return fail(Errc::kInput, "the path '" + path.string() + "' is too long for a socket",
                "choose a shorter " + flag);
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

// A socket that nobody listens on any more may go; anything else is somebody's file.
Status clear_place(const std::filesystem::path& path, const std::string& flag) {
  std::error_code ignored;
  const auto there = std::filesystem::symlink_status(path, ignored);
  if (std::filesystem::exists(there) && !std::filesystem::is_socket(there)) {
    return fail(Errc::kInput, "'" + path.string() + "' is there and is no socket",
                "name another file with " + flag);
  }
  ::unlink(path.c_str());
  return {};
}

}  // namespace

Result<Fd> connect_unix(const std::filesystem::path& path, const std::string& flag) {
  MARVEL_TRY(const sockaddr_un address, address_of(path, flag));
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.is_open() &&
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EACCES || errno == EPERM) {
      return fail(Errc::kDenied, "cannot reach '" + path.string() + "': permission denied",
                  "it belongs to another user");
    }
    return Fd();
  }
  return fd;
}

Result<Fd> listen_unix(const std::filesystem::path& path, const std::string& flag) {
  MARVEL_TRY(const sockaddr_un address, address_of(path, flag));
  MARVEL_TRY_STATUS(clear_place(path, flag));
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const mode_t before = ::umask(077);
  const bool bound = fd.is_open() && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address),
                                            sizeof address) == 0;
  ::umask(before);
  if (!bound || ::listen(fd.get(), 8) != 0) {
    return fail(Errc::kUnavailable, "cannot listen on '" + path.string() +
                                        "': " + std::generic_category().message(errno));
  }
  return fd;
}

bool send_unix(int fd, std::string_view text) {
  constexpr timeval kShort{0, 200'000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kShort, sizeof kShort);
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace marvel::net
