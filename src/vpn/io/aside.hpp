#pragma once

#include "vpn/io/fd.hpp"

#include <csignal>
#include <functional>
#include <optional>
#include <sys/eventfd.h>
#include <thread>
#include <utility>

namespace marvel::vpn {

// Work that may take seconds, beside the thread that carries packets. Reading a configuration again
// asks DNS, whose server may stand behind the tunnel itself, and derives keys.
//
// The work runs in a thread of its own, one at a time, and ends before this does.
template <class T>
class Aside {
 public:
  // No work: begin() does nothing.
  explicit Aside(std::function<T()> work)
      : work_(std::move(work)), done_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  ~Aside() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // Once more when it runs already: what it has read may have changed since.
  void begin() {
    if (thread_.joinable()) {
      again_ = true;
    } else if (work_) {
      start();
    }
  }
  // Can be read when the work is done.
  [[nodiscard]] int fd() const { return done_.get(); }
  // What the work gave; none when it is not done, or begins once more.
  std::optional<T> take() {
    eventfd_t count = 0;
    if (::eventfd_read(done_.get(), &count) != 0) {
      return std::nullopt;
    }
    thread_.join();
    if (std::exchange(again_, false)) {
      start();
      return std::nullopt;
    }
    return std::exchange(result_, std::nullopt);
  }

 private:
  void start() {
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] {
      result_.emplace(work_());
      ::eventfd_write(done_.get(), 1);
    });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  std::function<T()> work_;
  Fd done_;
  std::thread thread_;
  std::optional<T> result_;  // written by the thread before `done_`, read behind it
  bool again_ = false;
};

}  // namespace marvel::vpn
