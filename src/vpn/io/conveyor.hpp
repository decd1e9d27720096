#pragma once

#include "base/check.hpp"
#include "vpn/io/quiet_thread.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace marvel::vpn {

// Brings work from the thread that carries packets to a helper thread, in order and without locks:
// a ring of slots that are made once, filled by one thread and worked on by the other.
//
//   Conveyor<Arena> out([](Arena& arena) { send(arena); });
//   out.start(4);                      // or not: then all is done by the thread that fills
//   out.slot().add(datagram);
//   out.pass(out.slot().is_small());
//
//   filler:   slot() fills slots_[given % n]   pass(): given + 1, wakes the helper if it sleeps
//   helper:   work(slots_[done % n])           done + 1, wakes the filler if it waits for a slot
//
// Whatever `work` uses besides its slot belongs to whoever works: to the helper while something is
// on its way, to the filler when idle() says that nothing is. Both hand-overs are release and
// acquire of the counts, so it needs no atomics of its own.
//
// Slot needs a default constructor and clear(). All calls come from the filling thread. The
// destructor lets the helper finish what it was given; what was not passed is dropped.
//
// Why a ring and no queue with a lock: memory is taken once, a full ring makes the filler wait as a
// full socket would, and a hand-over costs one store and at most one wake-up
// (docs/design/007-vpn.md, "Threads").
template <class Slot>
class Conveyor {  // NOLINT(clang-analyzer-optin.performance.Padding): the counts lie apart
 public:
  using Work = std::function<void(Slot&)>;

  // One slot and no helper. `work` is called with a slot that was filled, which is cleared behind
  // it. What it throws comes out of pass() where the filling thread works, which keeps the slot as
  // it is; for the helper see failed().
  explicit Conveyor(Work work) : work_(std::move(work)), slots_(1) {}
  Conveyor(const Conveyor&) = delete;
  Conveyor& operator=(const Conveyor&) = delete;
  ~Conveyor() {
    if (is_threaded()) {
      give(filled_ | kEnd);
      helper_.join();
    }
  }

  // From here on a helper works, on a ring of so many slots, a power of two. Called at most once.
  // False where the machine allows no more threads; then all stays as it was.
  bool start(std::size_t slots) {
    MARVEL_CHECK(!is_threaded() && slots > 1 && (slots & (slots - 1)) == 0, "a ring of 2^n slots");
    slots_.resize(slots);  // the first one may be filled in part
    try {
      helper_ = quiet_thread([this] { run(); });
    } catch (const std::system_error&) {
      slots_.resize(1);
      return false;
    }
    return true;
  }
  [[nodiscard]] bool is_threaded() const { return helper_.joinable(); }

  // The slot to be filled, the same one until pass(). Waits while all of them are on their way.
  Slot& slot() {
    while (filled_ - done_before_ >= kStep * slots_.size()) {
      done_before_ = done_.load(std::memory_order_acquire);
      if (filled_ - done_before_ >= kStep * slots_.size()) {
        done_.wait(done_before_, std::memory_order_acquire);
      }
    }
    return at(filled_);
  }

  // What slot() holds is worked on. When it is `little` and nothing is before it the filling thread
  // does that itself at once: waking another one would take longer.
  void pass(bool little) {
    Slot& full = slot();
    if (!is_threaded() || (little && idle())) {
      work_(full);
      full.clear();
      return;
    }
    filled_ += kStep;
    give(filled_);
  }

  // Whether all that was passed is done.
  [[nodiscard]] bool idle() const { return done_.load(std::memory_order_acquire) == filled_; }
  // Whether `work` has thrown in the helper; the slot was dropped, and the helper goes on. It stays
  // true: the owner asks now and then, and ends.
  [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  // Counts go up by 2 and wrap; the lowest bit of what is given says that no more will come.
  static constexpr std::uint32_t kStep = 2;
  static constexpr std::uint32_t kEnd = 1;
  static constexpr std::size_t kCacheLine = 64;

  Slot& at(std::uint32_t count) { return slots_[count / kStep & (slots_.size() - 1)]; }

  // Sequentially consistent, because the standard library looks for sleepers right behind it: with
  // a weaker store it could look too early and leave one asleep.
  void give(std::uint32_t count) {
    given_.store(count, std::memory_order_seq_cst);
    given_.notify_one();
  }

  void run() {
    for (std::uint32_t done = 0;;) {
      const std::uint32_t given = given_.load(std::memory_order_acquire);
      if ((given & ~kEnd) != done) {
        work_on(at(done));
        done += kStep;
        done_.store(done, std::memory_order_seq_cst);
        done_.notify_one();
      } else if ((given & kEnd) != 0) {
        return;
      } else {
        given_.wait(given, std::memory_order_acquire);
      }
    }
  }
  void work_on(Slot& full) {
    try {
      work_(full);
    } catch (...) {  // whoever drives the filling thread asks failed()
      failed_.store(true, std::memory_order_relaxed);
    }
    full.clear();
  }

  Work work_;
  std::vector<Slot> slots_;
  std::thread helper_;
  // Of the filling thread alone: passed so far, and what it last saw of done_.
  std::uint32_t filled_ = 0;
  std::uint32_t done_before_ = 0;
  alignas(kCacheLine) std::atomic<std::uint32_t> given_{0};
  alignas(kCacheLine) std::atomic<std::uint32_t> done_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace marvel::vpn
