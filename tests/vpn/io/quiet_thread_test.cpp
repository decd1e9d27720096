#include "vpn/io/quiet_thread.hpp"

#include <array>

#include <doctest/doctest.h>

namespace marvel::vpn {

TEST_CASE("no signal is delivered to a quiet thread, and its maker's signals stay as they were") {
  constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1};
  const auto blocked = [] {
    sigset_t now;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
    return now;
  };
  const sigset_t before = blocked();
  sigset_t inside;
  quiet_thread([&] { inside = blocked(); }).join();
  const sigset_t after = blocked();
  for (const int signal : kSignals) {
    CHECK(sigismember(&inside, signal) == 1);
    CHECK(sigismember(&before, signal) == sigismember(&after, signal));
  }
}

}  // namespace marvel::vpn
