#pragma once

#include "base/log.hpp"
#include "base/progress.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace marvel::report {

enum class ColorChoice { kAuto, kAlways, kNever };
enum class LogFormat { kText, kJson };

// What a stream can do and what the user asked for. The environment rules are those of
// no-color.org and bixense.com/clicolors: NO_COLOR counts only when it is not empty.
struct TerminalOptions {
  bool is_tty = false;
  std::string term;  // $TERM; "dumb" is no terminal to draw on
  std::string no_color;
  std::string force_color;  // $CLICOLOR_FORCE or $FORCE_COLOR
  ColorChoice color = ColorChoice::kAuto;
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;  // messages above it are dropped
  bool quiet = false;                // only errors and warnings
  int columns = 80;
  int rows = 24;
};

[[nodiscard]] bool wants_color(const TerminalOptions& options);
[[nodiscard]] bool can_redraw(const TerminalOptions& options);

// The one owner of standard error. Draws one live line of progress where the terminal can redraw
// it, at most every 100 ms, with further lines below it as far as the window has room; elsewhere it
// writes a plain line every ten seconds. Messages and milestones stay above the live line and never
// tear it. Nothing is written with `quiet` but errors and warnings, and no escape code where the
// stream is not a terminal. One thread at a time.
class Terminal : public Log, public Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Write = std::function<void(std::string_view)>;

  // `write` takes bytes for the stream; `clock` is a seam for tests.
  Terminal(
      TerminalOptions options, Write write,
      Clock clock = [] { return std::chrono::steady_clock::now(); });
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() override;

  void write(LogLevel level, std::string_view message) override;
  void begin(std::string_view label, std::uint64_t total) override;
  void update(std::uint64_t done, std::string_view detail) override;
  void milestone(std::string_view text) override;
  void end() override;

 private:
  void line(std::string_view text);
  void draw(std::uint64_t done, std::string_view detail);
  void erase_live_lines();
  [[nodiscard]] std::string erasure() const;
  [[nodiscard]] std::string live_text(std::uint64_t done, std::string_view detail,
                                      double elapsed) const;
  [[nodiscard]] bool drawing() const;

  TerminalOptions options_;
  Write write_;
  Clock clock_;
  std::string label_;
  std::uint64_t total_ = 0;
  std::uint64_t first_done_ = 0;  // where a resumed run began, so that the rate is right
  bool first_update_ = true;
  std::size_t live_ = 0;  // live lines on the screen; the cursor is in the last one
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point drawn_;
};

// `text` cut in the middle to `width` columns: "abc...xyz".
std::string elide(std::string_view text, std::size_t width);

}  // namespace marvel::report
