#pragma once

#include "base/log.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::report {

// Messages as lines of a stream, each with its line end. Whatever a message holds, it stays one
// line without an escape code of its own (see printable in utf8.hpp).

// For people: the message, labelled when it is an error or a warning. `color` colours the label,
// never the label's job: the word is always there.
std::string text_line(LogLevel level, std::string_view message, bool color);

// A live figure for programs that follow a log.
struct ProgressFigures {
  std::string_view label;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  double seconds_left = -1;  // negative: not known yet
};

// For programs, one JSON object:
//   {"time":"2026-11-23T20:17:16.042Z","level":"info","message":"..."}
// A progress line has "progress":{"label","done","total","seconds_left"} behind these; the last is
// null while nobody knows. Time is UTC, in milliseconds.
std::string json_line(std::chrono::system_clock::time_point time, LogLevel level,
                      std::string_view message, const ProgressFigures* progress = nullptr);

// A JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

}  // namespace marvel::report
