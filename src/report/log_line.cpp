#include "report/log_line.hpp"

#include "report/utf8.hpp"

#include <cstdint>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace marvel::report {
namespace {

constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kVerbose:
      return "verbose";
    case LogLevel::kDebug:
      return "debug";
  }
  return "info";
}

std::string utc(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
  constexpr std::int64_t kThousand = 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(since_epoch / kThousand),
                     since_epoch % kThousand);
}

std::string json_progress(const ProgressFigures& progress) {
  return fmt::format(R"(,"progress":{{"label":{},"done":{},"total":{},"seconds_left":{}}})",
                     json_string(progress.label), progress.done, progress.total,
                     progress.seconds_left < 0 ? "null"
                                               : fmt::format("{:.1f}", progress.seconds_left));
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string text_line(LogLevel level, std::string_view message, bool color) {
  const std::string text = printable(message) + "\n";
  if (level > LogLevel::kWarning) {
    return text;
  }
  const std::string label = std::string(level_name(level)) + ":";
  if (!color) {
    return label + " " + text;
  }
  return fmt::format("{}{}{} {}", level == LogLevel::kError ? kRed : kYellow, label, kPlain, text);
}

std::string json_line(std::chrono::system_clock::time_point time, LogLevel level,
                      std::string_view message, const ProgressFigures* progress) {
  return fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"message\":{}{}}}\n", utc(time),
                     level_name(level), json_string(message),
                     progress != nullptr ? json_progress(*progress) : "");
}

}  // namespace marvel::report
