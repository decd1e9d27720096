#include "cli/output.hpp"

#include "base/fd.hpp"
#include "config/json.hpp"
#include "report/error_json.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace marvel::cli {
namespace {

std::string one_line(std::string text) {
  for (char& c : text) {
    c = c == '\n' || c == '\r' ? ' ' : c;
  }
  return text;
}

}  // namespace

void guard_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free number is taken, which is `fd`. Read-only: writing to it still fails.
    if (::fcntl(fd, F_GETFD) == -1 && ::open("/dev/null", O_RDONLY) != fd) {
      ::_exit(3);
    }
  }
}

void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

Status write_stdout(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  if (error != 0) {
    return fail(Errc::kUnavailable,
                "cannot write to standard output: " + std::generic_category().message(error));
  }
  return {};
}

Result<std::string> render(const Answer& answer, OutputFormat format) {
  if (answer.json.empty()) {
    return answer.text;
  }
  switch (format) {
    case OutputFormat::kTable:
      return answer.text;
    case OutputFormat::kJson:
      return pretty_json(answer.json);
    case OutputFormat::kYaml:
      return yaml_from_json(answer.json);
    case OutputFormat::kPlain:
      return plain_from_json(answer.json);
  }
  return answer.text;
}

std::string error_line(const Error& error, std::string_view command, bool as_json) {
  if (!as_json) {
    return one_line(std::string(command) + ": " + describe(error)) + "\n";
  }
  return report::error_json(error) + "\n";
}

void write_stderr(std::string_view text) {
  write_all(STDERR_FILENO, text);  // there is nobody left to tell when this fails
}

}  // namespace marvel::cli
