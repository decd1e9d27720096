#include "base/file.hpp"

#include "base/fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace marvel {
namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

Fd open_file(const std::filesystem::path& path, int flags, int mode = 0) {
  return Fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
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
  MARVEL_TRY(AtomicFile file, AtomicFile::open(path));
  MARVEL_TRY_STATUS(file.write(bytes));
  return file.commit();
}

AtomicFile::AtomicFile(std::filesystem::path path, std::filesystem::path temporary, Fd file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

Result<AtomicFile> AtomicFile::open(const std::filesystem::path& path) {
  auto temporary = path;
  temporary += ".tmp";
  Fd file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int error = errno;
  AtomicFile atomic(path, std::move(temporary), std::move(file));
  if (!atomic.file_.is_open()) {
    return atomic.failed(error);
  }
  return atomic;
}

AtomicFile::~AtomicFile() {
  if (file_.is_open()) {
    ::unlink(temporary_.c_str());
  }
}

tl::unexpected<Error> AtomicFile::failed(int error) const {
  return fail(Errc::kUnavailable, "cannot write '" + path_.string() + "': " + reason(error),
              "free some space or choose another folder");
}

Status AtomicFile::write(std::string_view bytes) {
  if (const int error = write_all(file_.get(), bytes); error != 0) {
    return failed(error);
  }
  return {};
}

Status AtomicFile::commit() {
  if (::fsync(file_.get()) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return failed(errno);
  }
  file_ = Fd();
  sync_folder_of(path_);
  return {};
}

}  // namespace marvel
