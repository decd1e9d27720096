#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"

#include <string>
#include <vector>

namespace marvel::cli {

// Answers the shell's TAB key. `words` is the command line after the program's name up to the
// cursor; its last word is the one to complete, perhaps empty. Each line is
//   candidate<TAB>help
// and a last line ":file" or ":folder" asks the shell to add names from the disk. Candidates all
// begin with the last word. Nothing is read but the tree and what OptionNotes::offer reads (names
// of contexts and templates), so the answer comes within milliseconds. It cannot fail: where a word
// is not known there is nothing to offer, and an empty answer is one, too. The words before the
// last are read by the same scan as in a run (scan.hpp), so completion and parser agree on where
// they stand.
//   {"com"}  ->  "compress\t...\ncompletion\t...\n"
std::string completion_lines(const CommandTree& tree, const std::vector<std::string>& words,
                             const Environment& environment);

// The fixed text that teaches a shell to call `marvel __complete`. kUsage for another shell.
// "bash", "zsh" or "fish". It holds no names of commands and flags, so an old one serves a new
// program.
Result<std::string> completion_script(const std::string& shell);

}  // namespace marvel::cli
