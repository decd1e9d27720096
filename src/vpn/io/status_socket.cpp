#include "vpn/io/status_socket.hpp"

#include "vpn/io/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/time.h>

namespace marvel::vpn {
namespace {

constexpr const char* kFile = "status.sock";
constexpr timeval kPatience{2, 0};
constexpr FolderUser kNode{"node", "state folder", "--state"};

}  // namespace

StatusSocket::StatusSocket(FolderLock lock, Fd fd, std::filesystem::path path)
    : lock_(std::move(lock)), fd_(std::move(fd)), path_(std::move(path)) {}

StatusSocket::~StatusSocket() {
  if (fd_.is_open()) {
    ::unlink(path_.c_str());
  }
}

Result<StatusSocket> StatusSocket::listen(const std::filesystem::path& state_folder) {
  const auto path = state_folder / kFile;
  MARVEL_TRY_STATUS(check_unix(path));
  MARVEL_TRY(FolderLock lock, FolderLock::take(state_folder, kNode));
  MARVEL_TRY(Fd fd, listen_unix(path));
  return StatusSocket(std::move(lock), std::move(fd), path);
}

void StatusSocket::answer(std::string_view document) {
  const Fd client(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (client.is_open()) {
    send_unix(client.get(), document);
  }
}

Result<std::string> read_status(const std::filesystem::path& state_folder) {
  MARVEL_TRY(const Fd fd, connect_unix(state_folder / kFile));
  if (!fd.is_open()) {
    return fail(Errc::kUnavailable,
                "no node runs with the state folder '" + state_folder.string() + "'",
                "name the folder that the edge or super node got with --state");
  }
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  std::string document;
  char buffer[16384];
  ssize_t got = 0;
  while ((got = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0) {
    document.append(buffer, static_cast<std::size_t>(got));
  }
  if (got < 0) {
    return fail(Errc::kTimeout, "the node does not answer");
  }
  return document;
}

}  // namespace marvel::vpn
