#include "base/file.hpp"

#include "base/fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <sys/stat.h>
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

Result<std::string> read_to_end(int fd, const std::string& name) {
  std::string bytes;
  char buffer[1 << 16];
  while (true) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0) {
      return bytes;
    }
    if (got < 0 && errno != EINTR) {
      return fail(Errc::kInput, "cannot read " + name + ": " + reason(errno));
    }
    bytes.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
}

// Makes the rename itself durable; a file system that cannot is no reason to fail.
void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Fd handle = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (handle.is_open()) {
    ::fsync(handle.get());
  }
}

// The mode of what is at `path`, with its type; 0 when there is nothing.
mode_t mode_of(const std::filesystem::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode : 0;
}

// `path`.tmp- and six letters that nobody can foresee.
std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz012345";
  std::size_t letters = std::random_device()();
  auto temporary = path;
  temporary += ".tmp-";
  for (int i = 0; i < 6; ++i) {
    temporary += kLetters[letters % kLetters.size()];
    letters /= kLetters.size();
  }
  return temporary;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  const Fd file = open_file(path, O_RDONLY);
  if (!file.is_open()) {
    return fail(Errc::kInput, "cannot read '" + path.string() + "': " + reason(errno));
  }
  return read_to_end(file.get(), "'" + path.string() + "'");
}

Result<std::string> read_standard_input() {
  return read_to_end(STDIN_FILENO, "standard input");
}

Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  MARVEL_TRY(AtomicFile file, AtomicFile::open(path));
  MARVEL_TRY_STATUS(file.write(bytes));
  return file.commit();
}

AtomicFile::AtomicFile(std::filesystem::path path, std::filesystem::path temporary, Fd file)
    : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

Result<AtomicFile> AtomicFile::open(const std::filesystem::path& path) {
  constexpr int kTries = 100;
  const mode_t old = mode_of(path);
  // Renaming over a device or a FIFO would take it away from everybody else.
  if (old != 0 && !S_ISREG(old)) {
    return fail(Errc::kUnavailable,
                "cannot write '" + path.string() + "': it is there and no regular file",
                "choose another name");
  }
  int error = EEXIST;
  for (int i = 0; i < kTries && error == EEXIST; ++i) {
    auto temporary = temporary_beside(path);
    // Never a file or a link that is there: it would be somebody else's.
    Fd file = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, old == 0 ? 0644 : 0600);
    error = errno;
    if (file.is_open()) {
      AtomicFile made(path, std::move(temporary), std::move(file));
      // An old file that only its owner may read may hold secrets, and so may the new one.
      if (old != 0 && ::fchmod(made.file_.get(), old & 0777) != 0) {
        return made.failed(errno);
      }
      return made;
    }
  }
  return AtomicFile(path, {}, Fd()).failed(error);
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
