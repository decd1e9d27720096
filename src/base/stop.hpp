#pragma once

#include <atomic>

namespace marvel {

// A request to stop cleanly, raised by a signal handler and polled by long work.
// The flag is lock-free, so raising it is async-signal-safe; `signal` is 0 while nobody asked.
class StopFlag {
 public:
  void raise(int signal) { signal_.store(signal, std::memory_order_relaxed); }
  [[nodiscard]] int signal() const { return signal_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool raised() const { return signal() != 0; }

 private:
  std::atomic<int> signal_{0};
  static_assert(std::atomic<int>::is_always_lock_free);
};

}  // namespace marvel
