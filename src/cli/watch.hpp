#pragma once

#include "cli/command.hpp"

#include <chrono>
#include <functional>

namespace marvel::cli {

// Until it is time or somebody asks to stop; whether it is time.
bool pause(const Context& context, std::chrono::milliseconds span);

// Prints what `look` answers each two seconds until somebody asks to stop: a line of JSON for
// programs, a screen for people. Ends with its first failure.
Result<Answer> watch(Session& session, const std::function<Result<Answer>()>& look);

}  // namespace marvel::cli
