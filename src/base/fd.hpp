#pragma once

#include <string_view>
#include <unistd.h>
#include <utility>

namespace marvel {

// Owns a file descriptor: closes it at the end, once. Nobody but the owner closes it; functions
// that only use one take the plain number. -1 stands for none, so that the answer of open(2) or
// socket(2) can be wrapped before it is looked at, with errno still that of the call:
//   const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
//   if (!file.is_open()) ...
// What close(2) answers is not looked at; whoever must know that bytes are on the disk calls fsync
// before (see file.hpp).
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  // Swaps: what was owned here is closed when `other` ends.
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  // Still owned here; do not close it, and do not keep it longer than this object.
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Writes all of `bytes` to what blocks: a file, a pipe, a terminal. Goes on where a signal or a
// full pipe cut a write short. 0, or the errno of the first failure; how much was written before
// that is not told. For a pipe whose reader is gone that is EPIPE where SIGPIPE is ignored, as in
// marvel.
int write_all(int fd, std::string_view bytes);

}  // namespace marvel
