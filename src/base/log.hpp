#pragma once

#include <string_view>

namespace marvel {

enum class LogLevel { kError, kWarning, kInfo, kVerbose, kDebug };

// Where messages for people go. Messages are whole sentences without a newline and without the
// program's name; the sink adds what its format wants. Sinks are called from one thread at a time.
class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  virtual void write(LogLevel level, std::string_view message) = 0;

  void warning(std::string_view message) { write(LogLevel::kWarning, message); }
  void info(std::string_view message) { write(LogLevel::kInfo, message); }
  void verbose(std::string_view message) { write(LogLevel::kVerbose, message); }
};

}  // namespace marvel
