#pragma once

#include "cli/command.hpp"
#include "cli/deploy_command.hpp"

namespace marvel::cli {

// Adds `images` with its verbs below `deploy`. They talk to registries of images and need no
// cluster; `check` also reads templates, hence `predefined`.
void register_deploy_images(CommandTree& tree, CLI::App& deploy, const Predefined& predefined);

}  // namespace marvel::cli
