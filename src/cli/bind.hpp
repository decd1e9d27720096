#pragma once

#include "base/text.hpp"
#include "cli/command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::cli {

// How one value is read from text and, for its default, written to it. `read` leaves `target`
// alone on failure; its message names the value only ("'x' is not a number").
Status read_value(const std::string& text, std::string& target);
Status read_value(const std::string& text, int& target);
Status read_value(const std::string& text, std::uint64_t& target);
Status read_value(const std::string& text, double& target);
std::string value_text(const std::string& value);
std::string value_text(int value);
std::string value_text(std::uint64_t value);
std::string value_text(double value);

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
// outlive the tree's last parse. The same reader serves the command line, the environment and
// the configuration files. A flag given twice takes the last value.
class Binder {
 public:
  Binder(CommandTree& tree, CLI::App& command) : tree_(tree), command_(command) {}

  // The heading in help of what is bound from here on.
  void group(std::string name) { group_ = std::move(name); }
  // What is bound from here on belongs to one run and cannot stand in files or variables.
  void this_run_only(bool value) { this_run_only_ = value; }

  // `names` as CLI11 writes them: "--output,-o".
  template <class T>
  OptionNotes& value(const std::string& names, const std::string& metavar, T& target,
                     const std::string& help) {
    auto& notes = add(names, metavar, help,
                      [&target](const std::string& text) { return read_value(text, target); });
    notes.default_text = value_text(target);
    return notes;
  }

  // A flag that may be given again; all values count, in order.
  OptionNotes& list(const std::string& names, const std::string& metavar,
                    std::vector<std::string>& target, const std::string& help);

  // One word out of `words`; `assign` gets the index of the one given.
  OptionNotes& choice(const std::string& names, const std::vector<std::string>& words,
                      std::size_t preset, const std::function<void(std::size_t)>& assign,
                      const std::string& help);

  // A size in bytes with a unit (base/units.hpp).
  OptionNotes& size(const std::string& names, std::optional<std::uint64_t>& target,
                    const std::string& help);

  // No value: given or not. Files and variables say true or false.
  OptionNotes& flag(const std::string& names, const std::function<void(bool)>& assign,
                    const std::string& help);
  OptionNotes& flag(const std::string& names, bool& target, const std::string& help);

  // Counts how often the flag is given; files and variables say the number.
  OptionNotes& counter(const std::string& names, int& target, const std::string& help);

  // The word that stands without a flag. The vector takes all that are left.
  OptionNotes& positional(const std::string& name, std::string& target, const std::string& help);
  OptionNotes& positional(const std::string& name, std::vector<std::string>& target,
                          const std::string& help);

  // A flag with value whose text goes to `assign`; the others are made of it.
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
