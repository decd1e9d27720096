#pragma once

#include "base/log.hpp"
#include "base/progress.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace marvel::report {

// The three values of --color.
enum class ColorChoice { kAuto, kAlways, kNever };
// Lines for people, or one JSON object per line: {"level": "warning", "message": "..."}. Bytes that
// are not UTF-8 become U+FFFD there.
enum class LogFormat { kText, kJson };

// What a stream can do and what the user asked for. The environment rules are those of no-color.org
// and bixense.com/clicolors: NO_COLOR counts only when it is not empty. Plain values, so that tests
// need no terminal; cli/console.hpp fills it for standard error.
struct TerminalOptions {
  bool is_tty = false;
  std::string term;  // $TERM; "dumb" is no terminal to draw on
  std::string no_color;
  std::string force_color;  // $CLICOLOR_FORCE or $FORCE_COLOR
  ColorChoice color = ColorChoice::kAuto;
  LogFormat format = LogFormat::kText;
  // With --json. Errors that work goes on after look as the one that ends it (error_json.hpp), with
  // the code "failed"; other messages stay as `format` has them.
  bool json_errors = false;
  // Raised by -v and -vv.
  LogLevel level = LogLevel::kInfo;  // messages above it are dropped
  bool quiet = false;                // only errors and warnings
  // The window as it was at the start; 80 x 24 where nobody knows. A later change of its size is
  // not seen.
  int columns = 80;
  int rows = 24;
};

// --color decides; else NO_COLOR forbids it, then CLICOLOR_FORCE or FORCE_COLOR, unless "0", wants
// it, and then it depends on whether the stream is a terminal that knows colors.
[[nodiscard]] bool wants_color(const TerminalOptions& options);
// Whether a line that stands there can be replaced: a terminal, not a dumb one, and text.
[[nodiscard]] bool can_redraw(const TerminalOptions& options);

// The one owner of standard error. Draws one live line of progress where the terminal can redraw
// it, at most every 100 ms, with further lines below it as far as the window has room; elsewhere it
// writes a plain line every ten seconds. Messages and milestones stay above the live line and never
// tear it. With `quiet` nothing but errors and warnings is written. Where the stream is not a
// terminal there is no escape code but the colors that somebody forces. One thread at a time.
//
// It is the log and the progress of a Context at once, because only somebody who knows of both can
// take the live line away before a message; the next update draws it again.
//   Terminal console(options, write_stderr);
//   Context context{console, console, stop};
// With LogFormat::kJson there is no live line: messages are objects, milestones are messages of
// level "info", and updates are left out.
class Terminal : public Log, public Progress {
 public:
  // Steady, because the time of day may jump.
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  // Gets whole lines or whole redraws, never half of one.
  using Write = std::function<void(std::string_view)>;

  // `write` takes bytes for the stream and is called on the caller's thread; `clock` is a seam for
  // tests. Both must work until the end of this object.
  Terminal(
      TerminalOptions options, Write write,
      Clock clock = [] { return std::chrono::steady_clock::now(); });
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  // Takes the live lines away; the last messages stay.
  ~Terminal() override;

  // See Log and Progress for what these mean. A message beyond `level` is dropped.
  void write(LogLevel level, std::string_view message) override;
  void begin(std::string_view label, std::uint64_t total) override;
  // The first one after begin() is drawn at once. The line has the share done, the time left once a
  // second has passed, and `detail`.
  void update(std::uint64_t done, std::string_view detail) override;
  void milestone(std::string_view text) override;
  void end() override;

 private:
  // Takes the live lines away and writes `text` and a line end.
  void line(std::string_view text);
  void draw(std::uint64_t done, std::string_view detail);
  // From here on until the next draw no live line is on the screen.
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

// `text` cut in the middle to `width` columns: "abc...xyz". Never longer than that, and cut between
// characters; the end stays because that is where names differ. Up to three columns only dots are
// left.
std::string elide(std::string_view text, std::size_t width);

}  // namespace marvel::report
