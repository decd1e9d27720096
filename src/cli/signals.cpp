#include "cli/signals.hpp"

#include "cli/exit_code.hpp"

#include <cerrno>
#include <csignal>
#include <string_view>
#include <unistd.h>

namespace marvel::cli {
namespace {

// A handler can reach nothing but globals; only the handler and stop_on_signals touch this one.
StopFlag* stop_flag = nullptr;

void on_signal(int signal) {
  constexpr std::string_view kNotice = "\nmarvel: stopping..., again to force\n";
  const int saved_errno = errno;
  if (stop_flag->raised()) {
    ::_exit(exit_code_of_signal(signal));
  }
  stop_flag->raise(signal);
  const ssize_t ignored = ::write(STDERR_FILENO, kNotice.data(), kNotice.size());
  static_cast<void>(ignored);
  errno = saved_errno;
}

}  // namespace

void stop_on_signals(StopFlag& stop) {
  stop_flag = &stop;
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace marvel::cli
