#pragma once

#include "base/error.hpp"
#include "cli/command.hpp"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace marvel::cli {

// A first reading of the command line, before CLI11 parses it. It never fails and touches no
// option: it finds out which command is meant, which flags are given, what nobody knows, and
// what the last word is waiting for. So help works beside broken flags, unknown words get a
// suggestion, --config is known before defaults are read, and completion knows where it stands.
struct Scan {
  const CLI::App* command = nullptr;                              // the deepest command named
  std::vector<std::string> arguments;                             // words for its positionals
  std::vector<std::pair<const CLI::Option*, std::string>> given;  // flags, with value or ""
  const CLI::Option* pending = nullptr;  // flag at the end that still needs its value
  bool only_arguments = false;           // "--" was seen
  std::optional<Error> problem;          // first word nobody knows, as a usage error
  bool unknown_command = false;          // the problem is a command, so nothing can be said of it

  // Whether the flag with this key was given, and its last value.
  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] std::string value(const std::string& key) const;
};

Scan scan_words(const CommandTree& tree, std::span<const std::string> words);

// The flag written `name` ("--epochs", "-o") in `command` or above it, or nullptr.
const CLI::Option* find_flag(const CLI::App& command, const std::string& name);

}  // namespace marvel::cli
