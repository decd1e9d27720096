#pragma once

#include "cli/command.hpp"

namespace marvel::cli {

// Adds `images` with its verbs below `deploy`.
void register_deploy_images(CommandTree& tree, CLI::App& deploy);

}  // namespace marvel::cli
