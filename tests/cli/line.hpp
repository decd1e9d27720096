#pragma once

#include "cli/command.hpp"
#include "cli/scan.hpp"

#include <string>
#include <vector>

namespace marvel::cli::test {

// "compress train --out" as words; no quoting.
inline std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

// marvel's own commands, and a command line read against them.
struct Line {
  CommandTree tree;

  Line() { register_commands(tree); }

  [[nodiscard]] Scan scan(const std::string& line) const {
    return scan_words(tree, words_of(line));
  }
  [[nodiscard]] const CLI::App& command(const std::string& path) const {
    return **find_command(tree, words_of(path));
  }
};

// Every command of `tree`, the root first.
inline std::vector<const CLI::App*> all_commands(const CLI::App& root) {
  std::vector<const CLI::App*> all{&root};
  for (const CLI::App* child : subcommands(root)) {
    const auto below = all_commands(*child);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

}  // namespace marvel::cli::test
