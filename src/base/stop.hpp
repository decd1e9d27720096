#pragma once

#include <atomic>

namespace marvel {

// A request to stop cleanly, raised by a signal handler and polled by long work. The flag is
// lock-free, so raising it is async-signal-safe; `signal` is 0 while nobody asked. It is never
// lowered: who has seen it raised may finish what it is at and return. Any thread may raise and
// read it; it orders no other memory, so nothing is handed over by it. Reading costs as much as an
// int.
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
