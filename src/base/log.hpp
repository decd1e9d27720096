#pragma once

#include <string_view>

namespace marvel {

// How much a message matters, from most to least. Errors and warnings are always shown, info unless
// --quiet, verbose with -v, debug with -vv. A failure that is returned as an Error is not logged as
// well: kError is for what fails while the work goes on, as one of many nodes.
enum class LogLevel { kError, kWarning, kInfo, kVerbose, kDebug };

// Where messages for people go. Messages are whole sentences without a newline and without the
// program's name; the sink adds what its format wants. Sinks are called from one thread at a time:
// code with threads of its own keeps the others away from the log or has a lock around it. The
// program has one sink, report::Terminal. Results never go here: they are returned and end on
// standard output.
class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  // `message` is copied where it is needed longer than the call. Never fails: nobody is left to
  // tell.
  virtual void write(LogLevel level, std::string_view message) = 0;

  void warning(std::string_view message) { write(LogLevel::kWarning, message); }
  void info(std::string_view message) { write(LogLevel::kInfo, message); }
  void verbose(std::string_view message) { write(LogLevel::kVerbose, message); }
};

}  // namespace marvel
