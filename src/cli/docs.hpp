#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// The OPTIONS section of the man page of the command at `path`, in scdoc's markup. One source: the
// same tree that help and the parser read. kUsage for an unknown command. The build asks for it by
// the hidden word `marvel __docs compress train` and puts it into the page. Positionals first, then
// flags with letter, value and default; flags of the commands above are not repeated. What means
// something in scdoc is escaped.
Result<std::string> options_as_scdoc(const CommandTree& tree, const std::vector<std::string>& path);

}  // namespace marvel::cli
