#pragma once

#include "base/error.hpp"
#include "base/result.hpp"
#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace marvel::cli {

// Results go to standard output and messages to standard error; nothing else in the program
// writes to either.

// Opens /dev/null in place of a standard stream that is closed, so that no file of ours can take
// its number and receive somebody's output. A closed standard output still fails when written.
// Call first in main, together with the next one.
void guard_standard_streams();
// A reader that goes away must not kill long work in the middle of a file: writes fail instead.
void ignore_broken_pipes();

// All of `text`, at once. kUnavailable when the disk is full or the stream closed. When the
// reader has gone away, ends the program by SIGPIPE as other filters do: nobody is there to read
// a message.
Status write_stdout(std::string_view text);

// `answer` in the format asked for.
Result<std::string> render(const Answer& answer, OutputFormat format);

// The one line about a failure: "marvel compress train: ..." or, as JSON,
// {"error": {"code", "message", "hint"}}. Ends with a line end.
std::string error_line(const Error& error, std::string_view command, bool as_json);
void write_stderr(std::string_view text);

}  // namespace marvel::cli
