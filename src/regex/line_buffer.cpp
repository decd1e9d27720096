#include "regex/line_buffer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace marvel::regex {
namespace {

Error no_room(const std::string& folder, std::size_t size, int reason) {
  return {Errc::kUnavailable,
          "a line of more than " + std::to_string(size >> 21U) + " MiB needs room in '" + folder +
              "': " + std::generic_category().message(reason),
          "set TMPDIR to a folder with more room",
          {}};
}

std::string temporary_folder() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

// A file that is gone as soon as it is closed.
int open_nameless(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
    return fd;
  }
  // The file system cannot make nameless ones.
  std::string name = folder + "/marvel-line-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) {
    ::unlink(name.c_str());
  }
  return named;
}

}  // namespace

LineBuffer::LineBuffer(LineBuffer&& other) noexcept
    : memory_(std::move(other.memory_)),
      fd_(std::exchange(other.fd_, -1)),
      map_(std::exchange(other.map_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)) {}

LineBuffer& LineBuffer::operator=(LineBuffer&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(fd_, other.fd_);
  std::swap(map_, other.map_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

LineBuffer::~LineBuffer() {
  drop_file();
}

void LineBuffer::drop_file() {
  if (map_ != nullptr) {
    ::munmap(map_, mapped_);
    ::close(fd_);
    map_ = nullptr;
    mapped_ = 0;
    fd_ = -1;
  }
}

Status LineBuffer::begin(std::size_t size) {
  if (map_ != nullptr && size <= kInMemory) {
    drop_file();
  }
  return grow(size);
}

Status LineBuffer::grow(std::size_t wanted) {
  if (wanted <= size()) {
    return {};
  }
  if (map_ != nullptr) {
    return grow_file(wanted);
  }
  if (wanted > kInMemory) {
    return move_to_file(wanted);
  }
  memory_.resize(wanted);
  return {};
}

// Blocks are taken from the disk now: a full one would otherwise be noticed by a fatal signal at
// the first touch of a page.
Status LineBuffer::grow_file(std::size_t size) {
  if (const int failed = ::posix_fallocate(fd_, 0, static_cast<off_t>(size)); failed != 0) {
    return fail(no_room(temporary_folder(), size, failed));
  }
  void* const map = ::mremap(map_, mapped_, size, MREMAP_MAYMOVE);
  if (map == MAP_FAILED) {
    return fail(no_room(temporary_folder(), size, errno));
  }
  map_ = static_cast<char*>(map);
  mapped_ = size;
  return {};
}

Status LineBuffer::move_to_file(std::size_t size) {
  const std::string folder = temporary_folder();
  const int fd = open_nameless(folder);
  if (fd < 0) {
    return fail(no_room(folder, size, errno));
  }
  int failed = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
  void* map = MAP_FAILED;
  if (failed == 0) {
    map = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    failed = map == MAP_FAILED ? errno : 0;
  }
  if (failed != 0) {
    ::close(fd);
    return fail(no_room(folder, size, failed));
  }
  std::copy(memory_.begin(), memory_.end(), static_cast<char*>(map));
  memory_ = {};
  fd_ = fd;
  map_ = static_cast<char*>(map);
  mapped_ = size;
  return {};
}

}  // namespace marvel::regex
