#include "report/terminal.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

namespace marvel::report {
namespace {

using std::chrono::milliseconds;

// A terminal on a captured stream with a clock that the test turns.
struct Screen {
  std::string bytes;
  std::chrono::steady_clock::time_point now{};
  Terminal terminal;

  explicit Screen(TerminalOptions options)
      : terminal(
            std::move(options), [this](std::string_view text) { bytes += text; },
            [this] { return now; }) {}

  void pass(milliseconds time) { now += time; }
  [[nodiscard]] bool has_escape() const { return bytes.find('\x1b') != std::string::npos; }
};

TerminalOptions tty() {
  TerminalOptions options;
  options.is_tty = true;
  options.term = "xterm";
  options.columns = 60;
  return options;
}

}  // namespace

TEST_CASE("the first update is drawn at once, the next ones after 100 ms") {
  Screen screen(tty());
  screen.terminal.begin("training", 100);
  screen.terminal.update(0, "a");
  CHECK(screen.bytes == "\r\x1b[Ktraining   0 %  a");
  screen.pass(milliseconds(50));
  screen.terminal.update(10, "b");
  CHECK(screen.bytes.find('b') == std::string::npos);
  screen.pass(milliseconds(50));
  screen.terminal.update(20, "c");
  CHECK(screen.bytes.find("training  20 %") != std::string::npos);
}

TEST_CASE("time left counts from where a resumed run began") {
  Screen screen(tty());
  screen.terminal.begin("training", 100);
  screen.terminal.update(50, "");
  screen.pass(milliseconds(5000));
  screen.terminal.update(75, "");
  CHECK(screen.bytes.find("75 %, 5.0 s left") != std::string::npos);
}

TEST_CASE("a message does not tear the live line") {
  Screen screen(tty());
  screen.terminal.begin("x", 10);
  screen.terminal.update(1, "detail");
  screen.bytes.clear();
  screen.terminal.milestone("epoch 1");
  CHECK(screen.bytes == "\r\x1b[Kepoch 1\n");
  screen.bytes.clear();
  screen.terminal.write(LogLevel::kInfo, "hello");
  CHECK(screen.bytes == "hello\n");
}

TEST_CASE("lines below the live line are redrawn in place, cut to the window, and go with it") {
  TerminalOptions options = tty();
  options.columns = 12;
  options.rows = 4;
  Screen screen(options);
  screen.terminal.begin("x", 2);
  screen.terminal.update(0, "d\none\ntwo is far too long\nthree has no room");
  CHECK(screen.bytes == "\r\x1b[Kx   0 %  d\none\ntwo ...long");
  screen.bytes.clear();
  screen.pass(milliseconds(100));
  screen.terminal.update(1, "d\none");
  CHECK(screen.bytes == "\r\x1b[K\x1b[A\r\x1b[K\x1b[A\r\x1b[Kx  50 %  d\none");
  screen.bytes.clear();
  screen.terminal.milestone("round 1");
  CHECK(screen.bytes == "\r\x1b[K\x1b[A\r\x1b[Kround 1\n");
}

TEST_CASE("a pipe gets the live line alone") {
  Screen screen(TerminalOptions{});
  screen.terminal.begin("x", 2);
  screen.terminal.update(0, "d\none\ntwo");
  CHECK(screen.bytes == "x   0 %  d\n");
}

TEST_CASE("a pipe gets plain lines, seldom, and no escape codes") {
  Screen screen(TerminalOptions{});
  screen.terminal.begin("training", 100);
  for (int i = 0; i < 300; ++i) {
    screen.terminal.update(static_cast<std::uint64_t>(i) / 3, "d");
    screen.pass(milliseconds(100));
  }
  screen.terminal.write(LogLevel::kWarning, "careful");
  screen.terminal.end();
  CHECK_FALSE(screen.has_escape());
  CHECK(std::count(screen.bytes.begin(), screen.bytes.end(), '\n') == 4);
  CHECK(screen.bytes.find("warning: careful\n") != std::string::npos);
}

TEST_CASE("quiet leaves errors and warnings") {
  auto options = tty();
  options.quiet = true;
  Screen screen(options);
  screen.terminal.begin("training", 100);
  screen.terminal.update(0, "d");
  screen.terminal.milestone("epoch");
  screen.terminal.write(LogLevel::kInfo, "note");
  CHECK(screen.bytes.empty());
  screen.terminal.write(LogLevel::kError, "bad");
  CHECK(screen.bytes.find("bad") != std::string::npos);
}

TEST_CASE("verbose messages need -v") {
  Screen screen(TerminalOptions{});
  screen.terminal.write(LogLevel::kVerbose, "detail");
  CHECK(screen.bytes.empty());
}

TEST_CASE("JSON logs are one valid object per line") {
  TerminalOptions options;
  options.format = LogFormat::kJson;
  Screen screen(options);
  screen.terminal.write(LogLevel::kWarning, "a \"b\"\n\\c\xff");
  CHECK(screen.bytes ==
        "{\"level\":\"warning\",\"message\":\"a \\\"b\\\"\\n\\\\c\xef\xbf\xbd\"}\n");
  screen.bytes.clear();
  screen.terminal.begin("x", 10);
  screen.terminal.update(1, "d");
  screen.terminal.milestone("epoch 1");
  CHECK(screen.bytes == "{\"level\":\"info\",\"message\":\"epoch 1\"}\n");
}

TEST_CASE("with --json errors are those that programs read, and other messages are not") {
  TerminalOptions options;
  options.json_errors = true;
  Screen screen(options);
  screen.terminal.write(LogLevel::kError, "cannot read '\xff'");
  CHECK(screen.bytes ==
        "{\"error\": {\"code\": \"failed\", \"message\": \"cannot read '\xef\xbf\xbd'\", "
        "\"hint\": \"\"}}\n");
  screen.bytes.clear();
  screen.terminal.write(LogLevel::kWarning, "careful");
  CHECK(screen.bytes == "warning: careful\n");
}

TEST_CASE("colour follows the flag, then NO_COLOR, then the terminal") {
  auto options = tty();
  CHECK(wants_color(options));
  options.no_color = "1";
  CHECK_FALSE(wants_color(options));
  options.color = ColorChoice::kAlways;
  CHECK(wants_color(options));
  options = TerminalOptions{};
  CHECK_FALSE(wants_color(options));
  options.force_color = "1";
  CHECK(wants_color(options));
  options = tty();
  options.term = "dumb";
  CHECK_FALSE(wants_color(options));
  CHECK_FALSE(can_redraw(options));
}

TEST_CASE("long lines are cut in the middle, also within UTF-8") {
  CHECK(elide("abcdefghij", 10) == "abcdefghij");
  CHECK(elide("abcdefghijk", 10) == "abcd...ijk");
  CHECK(elide("µµµµµµµµ", 7) == "µµ...µµ");
  CHECK(elide("abcdef", 2) == "..");
}

}  // namespace marvel::report
