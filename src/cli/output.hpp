#pragma once

#include "base/error.hpp"
#include "base/result.hpp"
#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace marvel::cli {

// Results go to standard output by write_stdout, messages to standard error by write_stderr, which
// report::Terminal calls. Beside them only questions (ask.hpp), the notice of a signal
// (signals.hpp) and a failed MARVEL_CHECK write to standard error. Commands write nothing
// themselves: they return an Answer, and program.cpp renders it. Those whose output has no end
// (regex, logs, --watch) call write_stdout piece by piece.
//
// Opens /dev/null in place of a standard stream that is closed, so that no file of ours can take
// its number and receive somebody's output. A closed standard output still fails when written. Call
// first in main, together with the next one. Ends the program with code 3 where even that fails.
void guard_standard_streams();
// A reader that goes away must not kill long work in the middle of a file: writes fail instead.
void ignore_broken_pipes();

// All of `text`, at once. kUnavailable when the disk is full or the stream closed. When the reader
// has gone away, ends the program by SIGPIPE as other filters do: nobody is there to read a
// message. Nothing is buffered: what returned is with the system. A failure in the middle leaves a
// part written.
Status write_stdout(std::string_view text);

// `answer` in the format asked for. An answer without JSON stays text in every format. kInternal
// for JSON that is none.
Result<std::string> render(const Answer& answer, OutputFormat format);

// The one line about a failure: "marvel compress train: ..." or, as JSON, {"error": {"code",
// "message", "hint"}}. Ends with a line end. Line ends inside become blanks in text and \n in JSON,
// so that it is one line whatever the message quotes. The "code" is reason_of(error).
//   marvel vpn: peer "edge-3" refused the handshake: clock differs by 212 s; sync time
std::string error_line(const Error& error, std::string_view command, bool as_json);
// Never fails: nobody is left to tell.
void write_stderr(std::string_view text);

}  // namespace marvel::cli
