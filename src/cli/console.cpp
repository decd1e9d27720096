#include "cli/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace marvel::cli {
namespace {

void measure_stderr(report::TerminalOptions& options) {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  if (known) {
    options.columns = size.ws_col;
    options.rows = size.ws_row;
  }
}

LogLevel loudest(const Globals& globals) {
  return globals.verbosity == 0   ? LogLevel::kInfo
         : globals.verbosity == 1 ? LogLevel::kVerbose
                                  : LogLevel::kDebug;
}

report::ColorChoice color_of(ColorMode mode) {
  switch (mode) {
    case ColorMode::kAlways:
      return report::ColorChoice::kAlways;
    case ColorMode::kNever:
      return report::ColorChoice::kNever;
    case ColorMode::kAuto:
      break;
  }
  return report::ColorChoice::kAuto;
}

}  // namespace

report::TerminalOptions terminal_options(const Globals& globals, const Environment& environment) {
  const auto variable = [&](const char* name) { return environment.get(name).value_or(""); };
  report::TerminalOptions options;
  options.is_tty = ::isatty(STDERR_FILENO) == 1;
  options.term = variable("TERM");
  options.no_color = variable("NO_COLOR");
  const auto forced = variable("CLICOLOR_FORCE");
  options.force_color = forced.empty() || forced == "0" ? variable("FORCE_COLOR") : forced;
  options.color = color_of(globals.color);
  options.format =
      globals.log_format == LogFormat::kJson ? report::LogFormat::kJson : report::LogFormat::kText;
  options.json_errors = globals.output == OutputFormat::kJson;
  options.level = loudest(globals);
  options.quiet = globals.quiet;
  measure_stderr(options);
  return options;
}

}  // namespace marvel::cli
