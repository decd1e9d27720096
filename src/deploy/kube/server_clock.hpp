#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace marvel::kube {

// The clock of the API server, as the Date fields of its answers tell it. Times in objects are the
// server's, and those that clients write are meant for other machines; a machine at the edge may
// have a clock of its own that is years away. Any thread.
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

// Seconds since 1970 of an HTTP date ("Sun, 06 Nov 1994 08:49:37 GMT").
std::optional<std::int64_t> seconds_of_date(const std::string& date);

}  // namespace marvel::kube
