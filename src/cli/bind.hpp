#pragma once

#include "base/text.hpp"
#include "cli/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::cli {

// From the text of a flag to a field of a struct. A command binds its flags once, when the tree is
// made; values come later, from files, variables and the command line, each time by the same
// reader, so that the layers cannot differ in what they accept:
//   struct TrainFlags { int epochs = 10; std::string data; };
//   const auto flags = std::make_shared<TrainFlags>();
//   Binder bind(tree, command);
//   bind.group("Training");
//   bind.value("--epochs,-e", "N", flags->epochs, "How often all samples are seen");
//   notes.run = [flags](Session& session) { return run_train(*flags, session); };
// What the field holds when it is bound is the built-in value, and help shows it.
//
// How one value is read from text and, for its default, written to it. `read` leaves `target` alone
// on failure; its message names the value only ("'x' is not a number"). Numbers are those of
// base/text.hpp: kInput for anything else, and for one that does not fit. A type of one's own is
// bound by Binder::add.
Status read_value(const std::string& text, std::string& target);
Status read_value(const std::string& text, int& target);
Status read_value(const std::string& text, std::uint64_t& target);
Status read_value(const std::string& text, double& target);
std::string value_text(const std::string& value);
std::string value_text(int value);
std::string value_text(std::uint64_t value);
std::string value_text(double value);

// A list: items with commas between them, blanks around each do not count. One bad item spoils all,
// and an empty text is one empty item.
template <class T>
Status read_value(const std::string& text, std::vector<T>& target) {
  std::vector<T> items;
  for (const auto& part : split(text, ',')) {
    MARVEL_TRY_STATUS(read_value(std::string(trim(part)), items.emplace_back()));
  }
  target = std::move(items);
  return {};
}

template <class T>
Status read_value(const std::string& text, std::optional<T>& target) {
  T value{};
  MARVEL_TRY_STATUS(read_value(text, value));
  target = std::move(value);
  return {};
}

template <class T>
std::string value_text(const std::vector<T>& values) {
  std::vector<std::string> parts;
  for (const auto& value : values) {
    parts.push_back(value_text(value));
  }
  return join(parts, ",");
}

// An empty optional has no built-in value of its own: the library picks one later.
template <class T>
std::string value_text(const std::optional<T>& value) {
  return value ? value_text(*value) : std::string();
}

// Binds flags and positionals of one command to fields of an options struct. The fields must
// outlive the tree's last parse, so commands keep them in a shared_ptr that their `run` holds. The
// same reader serves the command line, the environment and the configuration files. A flag given
// twice takes the last value. Each function answers the notes of what it has bound, where a caller
// adds what completion may offer; they live as long as the tree. The Binder itself may end when all
// is bound.
class Binder {
 public:
  // Both must outlive it.
  Binder(CommandTree& tree, CLI::App& command) : tree_(tree), command_(command) {}

  // The heading in help of what is bound from here on. "Flags" until then. Sections of help stand
  // in the order in which groups are named first.
  void group(std::string name) { group_ = std::move(name); }
  // What is bound from here on belongs to one run and cannot stand in files or variables. False
  // until then.
  void this_run_only(bool value) { this_run_only_ = value; }

  // `names` as CLI11 writes them: "--output,-o". The long name first: it is the key in files and,
  // in capitals, the variable (key_of in command.hpp), unless the caller sets another one in the
  // notes. T is anything that read_value and value_text
  // know.
  template <class T>
  OptionNotes& value(const std::string& names, const std::string& metavar, T& target,
                     const std::string& help) {
    auto& notes = add(names, metavar, help,
                      [&target](const std::string& text) { return read_value(text, target); });
    notes.default_text = value_text(target);
    return notes;
  }

  // A flag that may be given again; all values count, in order. From a file they are the items of a
  // list, from a variable its lines. What a stronger layer says takes the place of all that a
  // weaker one lists.
  OptionNotes& list(const std::string& names, const std::string& metavar,
                    std::vector<std::string>& target, const std::string& help);

  // One word out of `words`; `assign` gets the index of the one given. `preset` is the index of the
  // built-in word; `assign` is not called for it, so the field must hold it already. `assign` is
  // kept, with what it refers to. Another word is kInput and names all there are.
  //   bind.choice("--late", {"drop", "carry"}, 0, [&](std::size_t i) { carry = i == 1; }, "...");
  OptionNotes& choice(const std::string& names, const std::vector<std::string>& words,
                      std::size_t preset, const std::function<void(std::size_t)>& assign,
                      const std::string& help);

  // A size in bytes with a unit (base/units.hpp). Has no built-in value: the library picks one
  // where nothing was said.
  OptionNotes& size(const std::string& names, std::optional<std::uint64_t>& target,
                    const std::string& help);

  // No value: given or not. Files and variables say true or false. `assign` is called with true
  // when it is given, and with what a file or variable says before that.
  OptionNotes& flag(const std::string& names, const std::function<void(bool)>& assign,
                    const std::string& help);
  OptionNotes& flag(const std::string& names, bool& target, const std::string& help);

  // Counts how often the flag is given; files and variables say the number. "-vv" is 2, and
  // `--verbose` in a file is `verbose: 2`.
  OptionNotes& counter(const std::string& names, int& target, const std::string& help);

  // The word that stands without a flag. The vector takes all that are left. Its name in help is
  // `name` in capitals. Positionals take words in the order in which they are bound; program.cpp
  // hands them over, not CLI11, which would take a file named "help" for the command. They never
  // stand in files or variables. Set `required` in the notes for one that must be given.
  OptionNotes& positional(const std::string& name, std::string& target, const std::string& help);
  OptionNotes& positional(const std::string& name, std::vector<std::string>& target,
                          const std::string& help);

  // A flag with value whose text goes to `assign`; the others are made of it. A failure of `assign`
  // becomes kUsage and names the flag. The value that is shown as the default is set by the caller,
  // in default_text.
  OptionNotes& add(const std::string& names, const std::string& metavar, const std::string& help,
                   std::function<Status(const std::string&)> assign);

 private:
  OptionNotes& finish(CLI::Option& option, const std::string& metavar,
                      std::function<Status(const std::string&)> assign);

  CommandTree& tree_;
  CLI::App& command_;
  std::string group_ = "Flags";
  bool this_run_only_ = false;
};

}  // namespace marvel::cli
