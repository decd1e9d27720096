#include "regex/input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace marvel::regex {
namespace {

constexpr std::size_t kRawBlock = std::size_t{64} << 10;
constexpr std::size_t kLongest = std::numeric_limits<std::uint32_t>::max();
constexpr int kStopPollMs = 100;

std::string reason() {
  return std::generic_category().message(errno);
}

// open(2) of a FIFO waits for a writer and sees no stop; reading can wait as well.
int open_to_read(const std::string& path) {
  struct stat status{};
  const bool fifo = ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (fifo ? O_NONBLOCK : 0));
  if (fd >= 0 && fifo) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  }
  return fd;
}

// Offset behind the last line end in `text` at or behind `from`; 0 without one.
std::size_t behind_last_line_end(std::string_view text, std::size_t from) {
  const auto at = text.substr(from).rfind('\n');
  return at == std::string_view::npos ? 0 : from + at + 1;
}

}  // namespace

Result<Input> Input::open(const std::string& path, bool unpack) {
  const bool standard = path == "-";
  const int fd = standard ? STDIN_FILENO : open_to_read(path);
  struct stat status{};
  if (fd < 0) {
    return fail(Errc::kInput, "cannot read '" + path + "': " + reason());
  }
  Input input(fd, standard ? "standard input" : path, false);
  if (::fstat(fd, &status) != 0) {
    return fail(Errc::kInput, "cannot read '" + path + "': " + reason());
  }
  input.regular_ = S_ISREG(status.st_mode);
  if (S_ISDIR(status.st_mode)) {
    return fail(Errc::kInput, "'" + path + "' is a folder", "--recursive searches the files in it");
  }
  input.unpack_ = unpack;
  if (input.regular_) {
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);  // only a hint: failing changes nothing
  }
  return input;
}

Input::Input(int fd, std::string name, bool regular)
    : fd_(fd), name_(std::move(name)), regular_(regular) {}

Input::Input(Input&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      regular_(other.regular_),
      ended_(other.ended_),
      unpack_(other.unpack_),
      unpacker_(std::move(other.unpacker_)),
      raw_(std::move(other.raw_)),
      raw_left_(other.raw_left_),
      raw_ended_(other.raw_ended_),
      offset_(other.offset_),
      rest_(std::move(other.rest_)) {}

Input::~Input() {
  if (fd_ > STDERR_FILENO) {
    ::close(fd_);
  }
}

bool Input::waits() const {
  if (regular_ || ended_) {
    return false;
  }
  struct pollfd ask{fd_, POLLIN, 0};
  return ::poll(&ask, 1, 0) == 0;
}

bool Input::is_file_of(int fd) const {
  struct stat mine{};
  struct stat its{};
  return regular_ && ::fstat(fd_, &mine) == 0 && ::fstat(fd, &its) == 0 &&
         mine.st_dev == its.st_dev && mine.st_ino == its.st_ino;
}

// The first bytes tell; they are kept for read_some.
Status Input::find_packing(const StopFlag& stop) {
  constexpr std::size_t kMagicBytes = 6;
  unpack_ = false;
  raw_.resize(kRawBlock);
  std::size_t size = 0;
  while (size < kMagicBytes && !raw_ended_) {
    MARVEL_TRY(const std::size_t count, read_raw(raw_.data() + size, raw_.size() - size, stop));
    raw_ended_ = count == 0;
    size += count;
  }
  raw_left_ = {raw_.data(), size};
  unpacker_ = Unpacker::make(packing_of(raw_left_));
  return {};
}

// Bytes of text; 0 at the end and when a stop was asked for.
Result<std::size_t> Input::read_some(char* to, std::size_t room, const StopFlag& stop) {
  if (unpack_) {
    MARVEL_TRY_STATUS(find_packing(stop));
  }
  if (!unpacker_) {
    if (raw_left_.empty()) {
      return read_raw(to, room, stop);
    }
    const std::size_t count = raw_left_.copy(to, room);
    raw_left_.remove_prefix(count);
    return count;
  }
  while (!stop.raised()) {
    auto made = unpacker_->unpack(raw_left_, raw_ended_, to, room);
    if (!made) {
      made.error().message = "cannot read " + name_ + ": " + made.error().message;
      return made;
    }
    if (*made > 0 || raw_ended_) {
      return made;
    }
    // What is left is too little to go on with.
    std::memmove(raw_.data(), raw_left_.data(), raw_left_.size());
    const std::size_t left = raw_left_.size();
    MARVEL_TRY(const std::size_t count, read_raw(raw_.data() + left, raw_.size() - left, stop));
    raw_ended_ = count == 0;
    raw_left_ = {raw_.data(), left + count};
  }
  return 0;
}

// Bytes read; 0 at the end and when a stop was asked for.
Result<std::size_t> Input::read_raw(char* to, std::size_t room, const StopFlag& stop) {
  while (!stop.raised()) {
    // A signal that asks for a stop may come before, in or after the wait: only read what is there.
    struct pollfd ask{fd_, POLLIN, 0};
    if (!regular_ && ::poll(&ask, 1, kStopPollMs) <= 0) {
      continue;
    }
    const ssize_t count = ::read(fd_, to, room);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR && errno != EAGAIN) {
      return fail(Errc::kUnavailable, "cannot read " + name_ + ": " + reason());
    }
  }
  return 0;
}

void Input::keep_rest(Block& block, std::size_t cut) {
  rest_.assign(block.buffer.data() + cut, block.size - cut);
  offset_ += cut;
  block.size = cut;
}

Status Input::begin_block(Block& block, std::size_t wanted) {
  block.offset = offset_;
  block.line_end_added = false;
  block.size = rest_.size();
  MARVEL_TRY_STATUS(block.buffer.begin(std::max(wanted, rest_.size() + 1 + Block::kPadding)));
  std::memcpy(block.buffer.data(), rest_.data(), rest_.size());
  return {};
}

Status Input::make_longer(Block& block) {
  if (block.size >= kLongest / 2) {
    return fail(Errc::kUnavailable, name_ + " has a line of more than 2 GiB");
  }
  auto grown = block.buffer.grow(block.buffer.size() * 2);
  if (!grown) {
    grown.error().message = "cannot read " + name_ + ": " + grown.error().message;
  }
  return grown;
}

// A last line without its end gets one.
void Input::end(Block& block) {
  ended_ = true;
  if (block.size > 0 && block.buffer.data()[block.size - 1] != '\n') {
    block.buffer.data()[block.size++] = '\n';
    block.line_end_added = true;
  }
}

Result<bool> Input::next(Block& block, const StopFlag& stop, std::size_t wanted) {
  if (ended_) {
    return false;
  }
  MARVEL_TRY_STATUS(begin_block(block, wanted));
  std::size_t searched = block.size;  // no line end before it
  while (true) {
    const std::size_t room = block.buffer.size() - Block::kPadding - 1;  // less a line end
    const bool is_full = block.size >= room;
    if (is_full || (!regular_ && waits())) {
      if (const auto cut = behind_last_line_end(block.text(), searched); cut > 0) {
        keep_rest(block, cut);
        return true;
      }
      searched = block.size;
    }
    if (is_full) {
      MARVEL_TRY_STATUS(make_longer(block));
      continue;
    }
    MARVEL_TRY(const std::size_t count,
               read_some(block.buffer.data() + block.size, room - block.size, stop));
    block.size += count;
    if (count == 0) {
      end(block);
      return !stop.raised() && block.size > 0;
    }
  }
}

}  // namespace marvel::regex
