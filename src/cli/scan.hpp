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
// option: it finds out which command is meant, which flags are given, what nobody knows, and what
// the last word is waiting for. So help works beside broken flags, unknown words get a suggestion,
// --config is known before defaults are read, and completion knows where it stands. Values are not
// looked at; CLI11 gets the flags that were found here, so the two cannot read a line differently.
//   {"compress", "train", "-v", "--epochs=5"}
//   command: compress train; given: verbose "", epochs "5"; no problem
// Plain data with pointers into the tree, which must outlive it.
struct Scan {
  const CLI::App* command = nullptr;                              // the deepest command named
  std::vector<std::string> arguments;                             // words for its positionals
  std::vector<std::pair<const CLI::Option*, std::string>> given;  // flags, with value or ""
  const CLI::Option* pending = nullptr;  // flag at the end that still needs its value
  bool only_arguments = false;           // "--" was seen
  // The first counts, since those after it may only follow from it.
  std::optional<Error> problem;  // first word nobody knows, as a usage error
  bool unknown_command = false;  // the problem is a command, so nothing can be said of it

  // Whether the flag with this key was given, and its last value. Keys are long names without
  // dashes: "epochs" for --epochs and -e.
  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] std::string value(const std::string& key) const;
};

// The words without the program's name. Flags of the commands above are known below them; a word is
// a command only as long as no argument came. Time grows with words and flags.
Scan scan_words(const CommandTree& tree, std::span<const std::string> words);

// The flag written `name` ("--epochs", "-o") in `command` or above it, or nullptr. The nearest one
// counts. Names are written in full: there are no abbreviations.
const CLI::Option* find_flag(const CLI::App& command, const std::string& name);

}  // namespace marvel::cli
