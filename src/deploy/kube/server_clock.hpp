#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace marvel::kube {

// The clock of the API server, as the Date fields of its answers tell it. Times in objects are the
// server's, and those that clients write are meant for other machines; a machine at the edge may
// have a clock of its own that is years away. Leases and the age of pods are judged by this one.
//
// Between two answers it goes on by the steady clock of this machine, which stands still while the
// machine sleeps; the next answer sets it right. Any thread.
class ServerClock {
 public:
  // The Date field of an answer that has just come. Anything but a date changes nothing.
  void learn(const std::string& date);
  // Seconds since 1970, exact to a second or two; by the local clock until an answer has told it.
  [[nodiscard]] std::int64_t now() const;

 private:
  struct Look {
    std::int64_t seconds;
    std::chrono::steady_clock::time_point at;
  };

  mutable std::mutex mutex_;  // guards what follows
  std::optional<Look> last_;
};

// Seconds since 1970 of an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT"; RFC 9110, 5.6.7). The two
// obsolete forms of dates are nothing.
std::optional<std::int64_t> seconds_of_date(const std::string& date);

}  // namespace marvel::kube
