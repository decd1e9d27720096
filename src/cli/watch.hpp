#pragma once

#include "cli/command.hpp"

#include <chrono>
#include <functional>

namespace marvel::cli {

// Waiting and looking again, for commands of people who follow something. For what runs in the
// thread of the command; the stop flag is looked at each 100 ms.
//
// Sleeps until `span` is over or somebody asks to stop; whether to go on. A span of 0 only asks.
//   while (!ready() && pause(context, std::chrono::milliseconds(200))) {}
bool pause(const Context& context, std::chrono::milliseconds span);

// Prints what `look` answers each two seconds until somebody asks to stop: a line of JSON for
// programs, the text below the last one for people. Looks once at least. Ends with the first
// failure of `look` or of writing; when stopped, with an empty answer and exit code 0.
Result<Answer> watch(Session& session, const std::function<Result<Answer>()>& look);

}  // namespace marvel::cli
