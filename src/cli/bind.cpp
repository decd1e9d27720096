#include "cli/bind.hpp"

#include "base/edit_distance.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include <CLI/CLI.hpp>

namespace marvel::cli {
namespace {

// CLI11 wants an exception; program.cpp turns it back into the Error it came from.
void throw_if_failed(const Status& status, const std::string& flag) {
  if (!status) {
    const Error& error = status.error();
    throw CLI::ValidationError(flag, error.message + (error.hint.empty() ? "" : "; " + error.hint));
  }
}

std::string first_name(const std::string& names) {
  return split(names, ',').front();
}

}  // namespace

Status read_value(const std::string& text, std::string& target) {
  target = text;
  return {};
}

Status read_value(const std::string& text, int& target) {
  MARVEL_TRY(const std::int64_t value, parse_integer(text));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return fail(Errc::kInput, "'" + text + "' is too large");
  }
  target = static_cast<int>(value);
  return {};
}

Status read_value(const std::string& text, std::uint64_t& target) {
  MARVEL_TRY(target, parse_unsigned(text));
  return {};
}

Status read_value(const std::string& text, double& target) {
  MARVEL_TRY(target, parse_real(text));
  return {};
}

std::string value_text(const std::string& value) {
  return value;
}

std::string value_text(int value) {
  return std::to_string(value);
}

std::string value_text(std::uint64_t value) {
  return std::to_string(value);
}

std::string value_text(double value) {
  char buffer[32];
  const int length = std::snprintf(buffer, sizeof buffer, "%g", value);
  return {buffer, static_cast<std::size_t>(length)};
}

OptionNotes& Binder::finish(CLI::Option& option, const std::string& metavar,
                            std::function<Status(const std::string&)> assign) {
  option.group(group_);
  option.type_name(metavar);
  option.configurable(!this_run_only_ && option.nonpositional());
  auto& notes = tree_.notes(option);
  notes.variable = option.get_configurable() ? environment_name(key_of(option)) : "";
  notes.assign = std::move(assign);
  return notes;
}

OptionNotes& Binder::add(const std::string& names, const std::string& metavar,
                         const std::string& help,
                         std::function<Status(const std::string&)> assign) {
  const auto callback = [assign, flag = first_name(names)](const CLI::results_t& results) {
    throw_if_failed(assign(results.back()), flag);
    return true;
  };
  CLI::Option& option = *command_.add_option(names, callback, help);
  option.take_last();
  return finish(option, metavar, std::move(assign));
}

OptionNotes& Binder::list(const std::string& names, const std::string& metavar,
                          std::vector<std::string>& target, const std::string& help) {
  CLI::Option& option = *command_.add_option(
      names,
      [&target](const CLI::results_t& results) {
        target.assign(results.begin(), results.end());
        return true;
      },
      help);
  option.take_all();
  OptionNotes& notes = finish(option, metavar, {});
  notes.assign_list = [&target](const std::vector<std::string>& items) { target = items; };
  return notes;
}

OptionNotes& Binder::choice(const std::string& names, const std::vector<std::string>& words,
                            std::size_t preset, const std::function<void(std::size_t)>& assign,
                            const std::string& help) {
  const auto pick = [words, assign](const std::string& text) -> Status {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) {
      const auto meant = closest(text, words);
      return fail(Errc::kInput, "'" + text + "' is none of " + join(words, ", "),
                  meant ? "did you mean '" + *meant + "'?" : "");
    }
    assign(static_cast<std::size_t>(found - words.begin()));
    return {};
  };
  auto& notes = add(names, join(words, "|"), help, pick);
  notes.choices = words;
  notes.default_text = words.at(preset);
  return notes;
}

OptionNotes& Binder::size(const std::string& names, std::optional<std::uint64_t>& target,
                          const std::string& help) {
  return add(names, "SIZE", help, [&target](const std::string& text) -> Status {
    MARVEL_TRY(target, parse_size(text));
    return {};
  });
}

OptionNotes& Binder::flag(const std::string& names, const std::function<void(bool)>& assign,
                          const std::string& help) {
  CLI::Option& option =
      *command_.add_flag_function(names, [assign](std::int64_t count) { assign(count > 0); }, help);
  auto& notes = finish(option, "", [assign](const std::string& text) -> Status {
    MARVEL_TRY(const bool value, parse_bool(text));
    assign(value);
    return {};
  });
  notes.default_text = "false";
  return notes;
}

OptionNotes& Binder::flag(const std::string& names, bool& target, const std::string& help) {
  return flag(names, [&target](bool value) { target = value; }, help);
}

OptionNotes& Binder::counter(const std::string& names, int& target, const std::string& help) {
  CLI::Option& option = *command_.add_flag_function(
      names, [&target](std::int64_t count) { target = static_cast<int>(count); }, help);
  auto& notes =
      finish(option, "", [&target](const std::string& text) { return read_value(text, target); });
  notes.default_text = value_text(target);
  return notes;
}

OptionNotes& Binder::positional(const std::string& name, std::string& target,
                                const std::string& help) {
  return add(name, to_upper(name), help,
             [&target](const std::string& text) { return read_value(text, target); });
}

OptionNotes& Binder::positional(const std::string& name, std::vector<std::string>& target,
                                const std::string& help) {
  // program.cpp hands arguments to `assign`; CLI11 only knows that they may stand there.
  CLI::Option& option =
      *command_.add_option(name, [](const CLI::results_t&) { return true; }, help);
  option.expected(0, CLI::detail::expected_max_vector_size);
  return finish(option, to_upper(name), [&target](const std::string& text) {
    target.push_back(text);
    return Status();
  });
}

}  // namespace marvel::cli
