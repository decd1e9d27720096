#include "cli/scan.hpp"

#include "cli/suggest.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

bool is_long_flag(const std::string& word) {
  return word.size() > 2 && word.compare(0, 2, "--") == 0;
}

bool is_short_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word[1] != '-';
}

std::size_t room_for_arguments(const CLI::App& command) {
  std::size_t room = 0;
  for (const CLI::Option* option : positionals(command)) {
    room += static_cast<std::size_t>(option->get_items_expected_max());
  }
  return room;
}

class Scanner {
 public:
  explicit Scanner(const CommandTree& tree) { scan_.command = &tree.root(); }

  void read(const std::string& word) {
    if (scan_.pending != nullptr) {
      read_value(word);
    } else if (scan_.only_arguments) {
      read_argument(word);
    } else if (word == "--") {
      scan_.only_arguments = true;
    } else if (is_long_flag(word)) {
      read_long(word);
    } else if (is_short_flag(word)) {
      read_cluster(word);
    } else {
      read_plain(word);
    }
  }

  Scan take() { return std::move(scan_); }

 private:
  void note(Error error) {
    if (!scan_.problem) {
      scan_.problem = std::move(error);
    }
  }

  void read_value(const std::string& word) {
    if (is_long_flag(word) && find_flag(*scan_.command, word) != nullptr) {
      note(missing_value(*scan_.pending));
      scan_.pending = nullptr;
      read_long(word);
      return;
    }
    scan_.given.emplace_back(scan_.pending, word);
    scan_.pending = nullptr;
  }

  void read_long(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const CLI::Option* flag = find_flag(*scan_.command, name);
    if (flag == nullptr) {
      note(unknown_flag(*scan_.command, name));
    } else if (equals != std::string::npos && !takes_value(*flag)) {
      note(needless_value(name, word.substr(equals)));
    } else if (equals != std::string::npos) {
      scan_.given.emplace_back(flag, word.substr(equals + 1));
    } else {
      give(flag);
    }
  }

  // "-qv", "-ojson" or "-o json".
  void read_cluster(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string name{'-', word[i]};
      const CLI::Option* flag = find_flag(*scan_.command, name);
      if (flag == nullptr) {
        note(unknown_flag(*scan_.command, name));
        return;
      }
      if (takes_value(*flag) && i + 1 < word.size()) {
        scan_.given.emplace_back(flag, word.substr(i + 1));
        return;
      }
      give(flag);
    }
  }

  void give(const CLI::Option* flag) {
    if (takes_value(*flag)) {
      scan_.pending = flag;
    } else {
      scan_.given.emplace_back(flag, "");
    }
  }

  void read_plain(const std::string& word) {
    const CLI::App* next =
        scan_.arguments.empty() ? find_subcommand(*scan_.command, word) : nullptr;
    if (next != nullptr && !scan_.unknown_command) {
      scan_.command = next;
    } else {
      read_argument(word);
    }
  }

  void read_argument(const std::string& word) {
    if (scan_.arguments.size() < room_for_arguments(*scan_.command)) {
      scan_.arguments.push_back(word);
    } else if (!subcommands(*scan_.command).empty()) {
      scan_.unknown_command = scan_.unknown_command || !scan_.problem;
      note(unknown_command(*scan_.command, word));
    } else {
      note({Errc::kUsage,
            "unexpected argument '" + word + "'",
            "see '" + full_name(*scan_.command) + " --help'",
            {}});
    }
  }

  static Error missing_value(const CLI::Option& flag) {
    return {Errc::kUsage,
            "--" + key_of(flag) + " needs a value",
            "write --" + key_of(flag) + " " + flag.get_type_name(),
            {}};
  }

  // Nothing would be safe to guess: "--yes=false" does not mean yes.
  static Error needless_value(const std::string& name, const std::string& value) {
    return {Errc::kUsage, name + " takes no value", "leave out '" + value + "'", {}};
  }

 public:
  // A flag that is still waiting at the end is a mistake, except while completing it.
  void note_pending() {
    if (scan_.pending != nullptr) {
      note(missing_value(*scan_.pending));
    }
  }

 private:
  Scan scan_;
};

}  // namespace

bool Scan::has(const std::string& key) const {
  return std::any_of(given.begin(), given.end(),
                     [&key](const auto& flag) { return key_of(*flag.first) == key; });
}

std::string Scan::value(const std::string& key) const {
  std::string last;
  for (const auto& [flag, text] : given) {
    if (key_of(*flag) == key) {
      last = text;
    }
  }
  return last;
}

const CLI::Option* find_flag(const CLI::App& command, const std::string& name) {
  for (const CLI::App* level = &command; level != nullptr; level = level->get_parent()) {
    if (const CLI::Option* option = level->get_option_no_throw(name);
        option != nullptr && option->nonpositional()) {
      return option;
    }
  }
  return nullptr;
}

Scan scan_words(const CommandTree& tree, std::span<const std::string> words) {
  Scanner scanner(tree);
  for (const auto& word : words) {
    scanner.read(word);
  }
  scanner.note_pending();
  return scanner.take();
}

}  // namespace marvel::cli
