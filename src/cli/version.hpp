#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// What `marvel --version` says: release, commit, compiler, and the LibTorch this program was
// configured with. Known when the program is built, so nothing is loaded for it. A line each, and
// the schema "marvel.version/1". Without the plug-in for training "LibTorch" is "not built in".
Answer version_answer();

}  // namespace marvel::cli
