#include "cli/completion.hpp"

#include "cli/scan.hpp"

#include <algorithm>
#include <span>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

class Candidates {
 public:
  Candidates(std::string word, const Environment& environment)
      : word_(std::move(word)), environment_(environment) {}

  void add(const std::string& candidate, const std::string& help) {
    if (starts_with(candidate, word_)) {
      lines_ += candidate + "\t" + help + "\n";
    }
  }

  // Values of `option`, each behind `prefix` ("--output=" when it is part of the word).
  void add_values(const OptionNotes& notes, const std::string& prefix) {
    for (const auto& choice : notes.choices) {
      add(prefix + choice, "");
    }
    if (notes.offer) {
      add_offers(notes.offer(environment_), prefix);
    }
    if (notes.files != Files::kNone) {
      directive_ = notes.files == Files::kFile ? ":file\n" : ":folder\n";
    }
  }

  [[nodiscard]] std::string lines() const { return lines_ + directive_; }

 private:
  // Names from files may hold anything; a shell's line takes those without blanks and controls.
  void add_offers(const std::vector<std::string>& names, const std::string& prefix) {
    for (const auto& name : names) {
      const bool plain = std::all_of(name.begin(), name.end(),
                                     [](unsigned char c) { return c > ' ' && c != 0x7f; });
      if (plain && !name.empty()) {
        add(prefix + name, "");
      }
    }
  }

  std::string word_;
  const Environment& environment_;
  std::string lines_;
  std::string directive_;
};

void add_flags(Candidates& candidates, const CLI::App& command) {
  std::vector<const CLI::App*> levels = chain(command);
  std::reverse(levels.begin(), levels.end());  // the command's own flags first
  for (const CLI::App* level : levels) {
    for (const CLI::Option* flag : flags(*level)) {
      candidates.add("--" + key_of(*flag), flag->get_description());
    }
  }
}

void add_subcommands(Candidates& candidates, const CLI::App& command) {
  for (const CLI::App* child : subcommands(command)) {
    candidates.add(child->get_name(), child->get_description());
  }
}

// `help` completes the names of commands, level by level.
void add_help_topics(Candidates& candidates, const CommandTree& tree, const Scan& scan) {
  if (const auto topic = find_command(tree, scan.arguments)) {
    add_subcommands(candidates, **topic);
  }
}

void add_argument(Candidates& candidates, const CommandTree& tree, const Scan& scan) {
  std::size_t index = scan.arguments.size();
  for (const CLI::Option* argument : positionals(*scan.command)) {
    if (index-- == 0) {
      candidates.add_values(tree.notes(*argument), "");
      return;
    }
  }
}

}  // namespace

std::string completion_lines(const CommandTree& tree, const std::vector<std::string>& words,
                             const Environment& environment) {
  const std::string word = words.empty() ? "" : words.back();
  const std::span<const std::string> before(words.data(), words.empty() ? 0 : words.size() - 1);
  const Scan scan = scan_words(tree, before);
  Candidates candidates(word, environment);
  const auto equals = word.find('=');
  if (scan.unknown_command) {
    return "";
  }
  if (scan.pending != nullptr) {
    candidates.add_values(tree.notes(*scan.pending), "");
  } else if (!scan.only_arguments && starts_with(word, "-") && equals != std::string::npos) {
    if (const CLI::Option* flag = find_flag(*scan.command, word.substr(0, equals))) {
      candidates.add_values(tree.notes(*flag), word.substr(0, equals + 1));
    }
  } else if (!scan.only_arguments && starts_with(word, "-")) {
    add_flags(candidates, *scan.command);
  } else if (path_of(*scan.command) == std::vector<std::string>{"help"}) {
    add_help_topics(candidates, tree, scan);
  } else {
    add_subcommands(candidates, *scan.command);
    add_argument(candidates, tree, scan);
  }
  return candidates.lines();
}

}  // namespace marvel::cli
