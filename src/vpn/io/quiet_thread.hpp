#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace marvel::vpn {

// A thread that no signal is delivered to: those are for the thread that waits for them, and none
// of them interrupts the system calls of a helper. All helpers of a node are made by this. The
// caller's own mask is as before when it returns; the caller joins the thread.
//
// std::system_error where the machine allows no more threads. What `work` throws ends the program,
// as with any thread.
template <class Work>
std::thread quiet_thread(Work work) {
  // A new thread has the mask of the one that makes it.
  struct Mask {
    Mask() {
      sigset_t all;
      sigfillset(&all);
      ::pthread_sigmask(SIG_SETMASK, &all, &before);
    }
    ~Mask() { ::pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    Mask(const Mask&) = delete;
    Mask& operator=(const Mask&) = delete;
    sigset_t before{};
  };
  const Mask mask;
  return std::thread(std::move(work));
}

}  // namespace marvel::vpn
