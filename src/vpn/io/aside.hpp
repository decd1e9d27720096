#pragma once

#include "base/guarded.hpp"
#include "base/result.hpp"
#include "vpn/io/fd.hpp"
#include "vpn/io/quiet_thread.hpp"

#include <functional>
#include <optional>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <utility>

namespace marvel::vpn {

// Work that may take seconds, beside the thread that carries packets. Reading a configuration again
// asks DNS, whose server may stand behind the tunnel itself, and derives keys.
//
// The work runs in a thread of its own, one at a time, and ends before this does. What it throws,
// and a machine that allows no more threads, are errors as those it returns.
//
//   Aside<Reload> reload(read_files);
//   poller.watch(reload.fd());
//   reload.begin();                              // at SIGHUP
//   if (const auto read = reload.take()) { .. }  // when fd() can be read
//
// All calls come from one thread. The work shares what it captures with that thread, and so must
// not touch what the node changes meanwhile.
template <class T>
class Aside {
 public:
  // No work: begin() does nothing.
  explicit Aside(std::function<Result<T>()> work)
      : work_(std::move(work)), done_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  // Waits for the work, however long it takes.
  ~Aside() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // Starts the work. Once more when it runs already, however often it is called meanwhile: what it
  // has read may have changed since.
  void begin() {
    if (thread_.joinable()) {
      again_ = true;
    } else if (work_) {
      start();
    }
  }
  // Can be read when the work is done, until take(). The descriptor stays this object's.
  [[nodiscard]] int fd() const { return done_.get(); }
  // What the work gave, once; none when it is not done, or begins once more. Does not wait but for
  // the last instructions of the thread.
  std::optional<Result<T>> take() {
    eventfd_t count = 0;
    if (::eventfd_read(done_.get(), &count) != 0) {
      return std::nullopt;
    }
    if (thread_.joinable()) {
      thread_.join();
    }
    if (std::exchange(again_, false)) {
      start();
      return std::nullopt;
    }
    return std::exchange(result_, std::nullopt);
  }

 private:
  void start() {
    try {
      thread_ = quiet_thread([this] { answer(guarded("try again when more is free", work_)); });
    } catch (const std::system_error&) {
      answer(fail(Errc::kUnavailable, "this machine allows no more threads"));
    }
  }
  void answer(Result<T> result) {
    result_.emplace(std::move(result));
    ::eventfd_write(done_.get(), 1);
  }

  std::function<Result<T>()> work_;
  Fd done_;
  std::thread thread_;
  std::optional<Result<T>> result_;  // written by the thread before `done_`, read behind it
  bool again_ = false;
};

}  // namespace marvel::vpn
