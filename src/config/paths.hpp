#pragma once

#include "base/env.hpp"

#include <filesystem>

namespace marvel {

// Where the configuration files are, whether or not they exist. An empty path means that the
// environment gives no place for that file (no home folder).
struct ConfigPaths {
  // Relative: belongs to the folder in which the command is run.
  std::filesystem::path project;  // ./marvel.yaml
  std::filesystem::path user;     // $XDG_CONFIG_HOME/marvel/config.yaml, or under ~/.config
  std::filesystem::path system;   // /etc/marvel/config.yaml
};

// The usual places. A relative XDG_CONFIG_HOME is ignored, as the XDG base directory specification
// asks. MARVEL_SYSTEM_CONFIG replaces the system file: for packagers and tests. Reads no file and
// asks nothing of the disk; Config::load does.
ConfigPaths config_paths(const Environment& environment);

// The folder for what can be made again: $XDG_CACHE_HOME/marvel, or under ~/.cache; empty without
// either. It need not exist, and everything in it may be deleted at any time; compiled kernels of
// OpenCL lie there, and how far uploads of images have come. Unlike the configuration it has no
// variable of marvel's own.
std::filesystem::path cache_folder(const Environment& environment);

}  // namespace marvel
