#include "report/terminal.hpp"

#include "config/json.hpp"
#include "report/error_json.hpp"
#include "report/format.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace marvel::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kRedraw = milliseconds(100);
constexpr auto kPlainLine = seconds(10);
constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr std::string_view kUp = "\x1b[A";

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

// Only warnings and errors carry a label; colour is never the only sign.
std::string labelled(LogLevel level, std::string_view message, bool color) {
  if (level == LogLevel::kError) {
    return fmt::format("{}error:{} {}", color ? "\x1b[1;31m" : "", color ? "\x1b[0m" : "", message);
  }
  if (level == LogLevel::kWarning) {
    return fmt::format("{}warning:{} {}", color ? "\x1b[1;33m" : "", color ? "\x1b[0m" : "",
                       message);
  }
  return std::string(message);
}

// Bytes of the first `columns` columns of UTF-8 text.
std::size_t bytes_of_columns(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  while (at < text.size() && columns > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) {
      ++at;
    }
    --columns;
  }
  return at;
}

}  // namespace

bool wants_color(const TerminalOptions& options) {
  if (options.color != ColorChoice::kAuto) {
    return options.color == ColorChoice::kAlways;
  }
  if (!options.no_color.empty()) {
    return false;
  }
  if (!options.force_color.empty() && options.force_color != "0") {
    return true;
  }
  return options.is_tty && options.term != "dumb";
}

bool can_redraw(const TerminalOptions& options) {
  return options.is_tty && options.term != "dumb" && options.format == LogFormat::kText;
}

std::string elide(std::string_view text, std::size_t width) {
  constexpr std::string_view kDots = "...";
  if (display_width(text) <= width) {
    return std::string(text);
  }
  if (width <= kDots.size()) {
    return std::string(kDots.substr(0, width));
  }
  const std::size_t room = width - kDots.size();
  const std::size_t head = (room + 1) / 2;
  const std::size_t tail = display_width(text) - (room - head);
  std::string result(text.substr(0, bytes_of_columns(text, head)));
  result += kDots;
  result += text.substr(bytes_of_columns(text, tail));
  return result;
}

Terminal::Terminal(TerminalOptions options, Write write, Clock clock)
    : options_(std::move(options)), write_(std::move(write)), clock_(std::move(clock)) {}

Terminal::~Terminal() {
  erase_live_lines();
}

bool Terminal::drawing() const {
  return !options_.quiet && options_.format == LogFormat::kText;
}

void Terminal::erase_live_lines() {
  if (live_ > 0) {
    write_(erasure());
    live_ = 0;
  }
}

// From the last live line up to the first one.
std::string Terminal::erasure() const {
  std::string codes(kEraseLine);
  for (std::size_t line = 1; line < live_; ++line) {
    codes += kUp;
    codes += kEraseLine;
  }
  return codes;
}

void Terminal::line(std::string_view text) {
  erase_live_lines();
  write_(std::string(text) + "\n");
}

void Terminal::write(LogLevel level, std::string_view message) {
  const bool wanted = level <= options_.level && (!options_.quiet || level <= LogLevel::kWarning);
  if (!wanted) {
    return;
  }
  if (options_.json_errors && level == LogLevel::kError) {
    line(error_json({Errc::kFailed, std::string(message), "", {}}));
    return;
  }
  if (options_.format == LogFormat::kJson) {
    line(fmt::format("{{\"level\":\"{}\",\"message\":{}}}", level_name(level),
                     json_string(message)));
    return;
  }
  line(labelled(level, message, wants_color(options_)));
}

void Terminal::begin(std::string_view label, std::uint64_t total) {
  label_ = label;
  total_ = total;
  first_update_ = true;
  started_ = clock_();
  drawn_ = started_;
}

void Terminal::update(std::uint64_t done, std::string_view detail) {
  if (first_update_) {
    first_update_ = false;
    first_done_ = done;
    started_ = clock_();
    draw(done, detail);
    return;
  }
  const auto pause = can_redraw(options_) ? milliseconds(kRedraw) : milliseconds(kPlainLine);
  if (clock_() - drawn_ >= pause) {
    draw(done, detail);
  }
}

void Terminal::draw(std::uint64_t done, std::string_view detail) {
  drawn_ = clock_();
  if (!drawing()) {
    return;
  }
  const double elapsed = std::chrono::duration<double>(drawn_ - started_).count();
  const std::size_t first_end = std::min(detail.find('\n'), detail.size());
  const std::string text = live_text(done, detail.substr(0, first_end), elapsed);
  if (!can_redraw(options_)) {
    line(text);
    return;
  }
  const auto width = static_cast<std::size_t>(std::max(options_.columns - 1, 1));
  const auto most = static_cast<std::size_t>(std::max(options_.rows - 1, 1));
  std::string screen = erasure() + elide(text, width);
  live_ = 1;
  for (detail.remove_prefix(first_end); !detail.empty() && live_ < most; ++live_) {
    detail.remove_prefix(1);  // the line end before this line
    const std::size_t end = std::min(detail.find('\n'), detail.size());
    screen += "\n" + elide(detail.substr(0, end), width);
    detail.remove_prefix(end);
  }
  write_(screen);
}

std::string Terminal::live_text(std::uint64_t done, std::string_view detail, double elapsed) const {
  const double share =
      total_ > 0 ? static_cast<double>(std::min(done, total_)) / static_cast<double>(total_) : 0;
  std::string text = fmt::format("{} {:3.0f} %", label_, std::floor(100 * share));
  const auto fresh = static_cast<double>(done - std::min(done, first_done_));
  if (elapsed > 1 && fresh > 0 && done < total_) {
    text += ", " + duration(elapsed / fresh * static_cast<double>(total_ - done)) + " left";
  }
  return text + "  " + std::string(detail);
}

void Terminal::milestone(std::string_view text) {
  if (drawing()) {
    line(text);
  } else if (!options_.quiet) {
    write(LogLevel::kInfo, text);
  }
}

void Terminal::end() {
  erase_live_lines();
  total_ = 0;
}

}  // namespace marvel::report
