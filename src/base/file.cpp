#include "base/file.hpp"

#include "base/fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace marvel {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

Fd open_file(const std::filesystem::path& path, int flags, int mode = 0) {
  return Fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
}

int write_and_sync(const std::filesystem::path& path, std::string_view bytes) {
  const Fd file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (!file.is_open()) {
    return errno;
  }
  if (const int error = write_all(file.get(), bytes); error != 0) {
    return error;
  }
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

// Makes the rename itself durable; a file system that cannot is no reason to fail.
void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Fd handle = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (handle.is_open()) {
    ::fsync(handle.get());
  }
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  const Fd file = open_file(path, O_RDONLY);
  if (!file.is_open()) {
    return fail(Errc::kInput, "cannot read '" + path.string() + "': " + reason(errno));
  }
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got == 0) {
      return bytes;
    }
    if (got < 0 && errno != EINTR) {
      return fail(Errc::kInput, "cannot read '" + path.string() + "': " + reason(errno));
    }
    bytes.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
}

Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  auto temporary = path;
  temporary += ".tmp";
  int error = write_and_sync(temporary, bytes);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) {
    error = errno;
  }
  if (error != 0) {
    ::unlink(temporary.c_str());
    return fail(Errc::kUnavailable, "cannot write '" + path.string() + "': " + reason(error),
                "free some space or choose another folder");
  }
  sync_folder_of(path);
  return {};
}

}  // namespace marvel
