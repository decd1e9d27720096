#include "deploy/template.hpp"

#include "base/edit_distance.hpp"
#include "base/text.hpp"
#include "deploy/scalar.hpp"

#include <algorithm>
#include <memory>

#include <nlohmann/json.hpp>
#include <regex.h>

namespace marvel::deploy {
namespace {

constexpr std::size_t kLongestPattern = 256;
constexpr std::size_t kLongestValue = std::size_t{1} << 20;
constexpr std::size_t kMostVariables = 1000;

// The number that `text` is where it stands without quotes, as YAML reads it: 0777 is 511. What
// YAML takes for text may be a number for people ("1e3").
std::optional<double> number_in(const std::string& text) {
  const ScalarType type = plain_type(text);
  if (type != ScalarType::kInteger && type != ScalarType::kReal) {
    const auto number = parse_real(text);
    return number ? std::optional<double>(*number) : std::nullopt;
  }
  const nlohmann::json number = plain_value(text);
  return number.is_number() ? std::optional(number.get<double>()) : std::nullopt;
}

// Reads the keys of one map of the header and refuses what it does not know.
class Reader {
 public:
  Reader(const Node& map, std::string file, std::vector<std::string> keys)
      : map_(map), file_(std::move(file)), keys_(std::move(keys)) {}

  [[nodiscard]] Status check_keys() const {
    for (std::size_t i = 0; i + 1 < map_.items.size(); i += 2) {
      const Node& key = map_.items[i];
      if (std::find(keys_.begin(), keys_.end(), key.text) == keys_.end()) {
        const auto meant = closest(key.text, keys_);
        return refuse(key, "unknown key '" + key.text + "'",
                      meant ? "did you mean '" + *meant + "'?" : "known: " + join(keys_, ", "));
      }
    }
    return {};
  }

  Status text(std::string_view key, std::string& target) const {
    const Node* node = find(map_, key);
    if (node == nullptr || node->kind == Node::Kind::kNull) {
      return {};
    }
    if (node->kind != Node::Kind::kScalar) {
      return refuse(*node, "'" + std::string(key) + "' must be text");
    }
    target = node->text;
    return {};
  }

  Status truth(std::string_view key, bool& target) const {
    const Node* node = find(map_, key);
    if (node == nullptr) {
      return {};
    }
    const bool plain = node->kind == Node::Kind::kScalar && node->style == Node::Style::kPlain &&
                       plain_type(node->text) == ScalarType::kBoolean;
    if (!plain) {
      return refuse(*node, "'" + std::string(key) + "' must be true or false");
    }
    target = *parse_bool(node->text);
    return {};
  }

  Status number(std::string_view key, std::optional<double>& target) const {
    const Node* node = find(map_, key);
    if (node == nullptr) {
      return {};
    }
    const auto value = number_in(node->text);
    if (node->kind != Node::Kind::kScalar || !value) {
      return refuse(*node, "'" + std::string(key) + "' must be a number");
    }
    target = value;
    return {};
  }

  Status texts(std::string_view key, std::vector<std::string>& target) const {
    const Node* node = find(map_, key);
    if (node == nullptr) {
      return {};
    }
    const bool good = node->kind == Node::Kind::kList && !node->items.empty() &&
                      std::all_of(node->items.begin(), node->items.end(), [](const Node& item) {
                        return item.kind == Node::Kind::kScalar;
                      });
    if (!good) {
      return refuse(*node, "'" + std::string(key) + "' must be a list of values");
    }
    for (const Node& item : node->items) {
      target.push_back(item.text);
    }
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> refuse(const Node& where, const std::string& what,
                                             const std::string& hint = {}) const {
    return fail(Errc::kInput, describe(file_, where.position) + ": " + what, hint);
  }

 private:
  const Node& map_;
  std::string file_;
  std::vector<std::string> keys_;
};

bool is_name(std::string_view text) {
  const auto letter = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

Status read_type(const Reader& reader, const Node& map, Variable& variable) {
  std::string word;
  MARVEL_TRY_STATUS(reader.text("type", word));
  if (word.empty()) {
    return {};
  }
  const std::vector<std::pair<std::string, VariableType>> types = {
      {"string", VariableType::kText},
      {"int", VariableType::kInteger},
      {"number", VariableType::kNumber},
      {"bool", VariableType::kBoolean}};
  for (const auto& [name, type] : types) {
    if (word == name) {
      variable.type = type;
      return {};
    }
  }
  return reader.refuse(*find(map, "type"), "unknown type '" + word + "'",
                       "known: string, int, number, bool");
}

Status read_default(const Reader& reader, const Node& map, Variable& variable) {
  const Node* preset = find(map, "default");
  variable.preset_position = map.position;
  if (preset == nullptr) {
    return {};
  }
  if (preset->kind == Node::Kind::kList || preset->kind == Node::Kind::kMap) {
    return reader.refuse(*preset, "a default must be a single value");
  }
  variable.preset = preset->text;
  variable.preset_position = preset->position;
  const ScalarType type = plain_type(preset->text);
  variable.typed_default = preset->style == Node::Style::kPlain && type != ScalarType::kText &&
                           type != ScalarType::kNull;
  return {};
}

// "\1" to "\9", which are no part of POSIX; a backslash before another character hides that one.
bool has_back_reference(std::string_view pattern) {
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] == '\\' && pattern[i + 1] >= '1' && pattern[i + 1] <= '9') {
      return true;
    }
    i += pattern[i] == '\\' ? 1 : 0;
  }
  return false;
}

// POSIX's matcher does not backtrack, unless back-references make it; counts in braces multiply
// what it must build.
Status check_pattern(const std::string& pattern) {
  if (has_back_reference(pattern)) {
    return fail(
        Errc::kInput,
        "the pattern has a back-reference (\\1 to \\9), which could take for ever to match");
  }
  double product = 1;
  for (std::size_t at = pattern.find('{'); at != std::string::npos;
       at = pattern.find('{', at + 1)) {
    const auto end = pattern.find('}', at);
    for (const auto& part : split(pattern.substr(at + 1, end - at - 1), ',')) {
      product *= std::max(1.0, parse_real(part).value_or(1));
    }
  }
  if (pattern.size() > kLongestPattern || product > 10'000) {
    return fail(Errc::kInput, "the pattern is too large");
  }
  regex_t compiled{};
  if (::regcomp(&compiled, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return fail(Errc::kInput, "'" + pattern + "' is no regular expression");
  }
  ::regfree(&compiled);
  return {};
}

bool matches(const std::string& pattern, const std::string& value) {
  regex_t compiled{};
  if (::regcomp(&compiled, ("^(" + pattern + ")$").c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return false;
  }
  const bool matched = ::regexec(&compiled, value.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return matched;
}

Status check_variable(const Reader& reader, const Node& map, Variable& variable) {
  if (!is_name(variable.name)) {
    return reader.refuse(map, "'" + variable.name + "' is no name of a variable",
                         "use letters, digits and _, not beginning with a digit");
  }
  if (!variable.pattern.empty()) {
    if (const auto good = check_pattern(variable.pattern); !good) {
      return reader.refuse(*find(map, "pattern"), good.error().message);
    }
  }
  if (!variable.preset) {
    variable.required = true;
  }
  const bool judged = variable.preset && !variable.preset->empty() && !variable.required;
  if (judged) {
    if (const auto good = check_value(variable, *variable.preset); !good) {
      return fail(Errc::kInput, reader.refuse(map, "the default does not fit: ").value().message +
                                    good.error().message);
    }
  }
  return {};
}

Result<Variable> read_variable(const Node& map, const std::string& file) {
  const Reader reader(map, file,
                      {"name", "label", "default", "help", "type", "enum", "min", "max", "pattern",
                       "required", "secret"});
  if (map.kind != Node::Kind::kMap) {
    return reader.refuse(map, "a variable must be a map with name and default");
  }
  MARVEL_TRY_STATUS(reader.check_keys());
  Variable variable;
  variable.position = map.position;
  MARVEL_TRY_STATUS(reader.text("name", variable.name));
  MARVEL_TRY_STATUS(reader.text("help", variable.help));
  MARVEL_TRY_STATUS(read_default(reader, map, variable));
  MARVEL_TRY_STATUS(read_type(reader, map, variable));
  MARVEL_TRY_STATUS(reader.texts("enum", variable.choices));
  MARVEL_TRY_STATUS(reader.number("min", variable.min));
  MARVEL_TRY_STATUS(reader.number("max", variable.max));
  MARVEL_TRY_STATUS(reader.text("pattern", variable.pattern));
  MARVEL_TRY_STATUS(reader.truth("required", variable.required));
  MARVEL_TRY_STATUS(reader.truth("secret", variable.secret));
  MARVEL_TRY_STATUS(check_variable(reader, map, variable));
  return variable;
}

Status read_variables(const Reader& reader, const Node& list, const std::string& file,
                      Header& header) {
  if (list.kind != Node::Kind::kList || list.items.size() > kMostVariables) {
    return reader.refuse(list, "'variables' must be a list of at most " +
                                   std::to_string(kMostVariables) + " variables");
  }
  for (const Node& item : list.items) {
    MARVEL_TRY(auto variable, read_variable(item, file));
    if (find_variable(header, variable.name) != nullptr) {
      return reader.refuse(item, "the variable " + variable.name + " stands here twice");
    }
    header.variables.push_back(std::move(variable));
  }
  return {};
}

std::string shown(const Variable& variable, const std::string& value) {
  return variable.secret ? "the value" : "'" + value.substr(0, 80) + "'";
}

Status check_type(const Variable& variable, const std::string& value) {
  const std::string what = variable.name + ": " + shown(variable, value);
  const ScalarType type = plain_type(value);
  switch (variable.type) {
    case VariableType::kInteger:
      if (type != ScalarType::kInteger) {
        return fail(Errc::kInput, what + " is not a whole number");
      }
      break;
    case VariableType::kNumber:
      if (!number_in(value)) {
        return fail(Errc::kInput, what + " is not a number");
      }
      break;
    case VariableType::kBoolean:
      if (type != ScalarType::kBoolean) {
        return fail(Errc::kInput, what + " is neither true nor false");
      }
      break;
    default:
      break;
  }
  return {};
}

Status check_range(const Variable& variable, const std::string& value) {
  if (!variable.min && !variable.max) {
    return {};
  }
  const auto number = number_in(value);
  const bool good = number && (!variable.min || *number >= *variable.min) &&
                    (!variable.max || *number <= *variable.max);
  const auto text = [](double bound) {
    std::string digits = std::to_string(bound);
    digits.erase(digits.find_last_not_of('0') + 1);
    return digits.ends_with('.') ? digits.substr(0, digits.size() - 1) : digits;
  };
  return good ? Status()
              : fail(Errc::kInput, variable.name + ": " + shown(variable, value) +
                                       " is not a number" +
                                       (variable.min ? " of at least " + text(*variable.min) : "") +
                                       (variable.min && variable.max ? " and" : "") +
                                       (variable.max ? " of at most " + text(*variable.max) : ""));
}

}  // namespace

bool is_header(const Node& document) {
  return document.kind == Node::Kind::kMap && text_at(document, "kind") == "Template" &&
         find(document, "apiVersion") == nullptr;
}

Result<Header> read_header(const Node& document, const std::string& file) {
  const Reader reader(
      document, file,
      {"kind", "name", "description", "singleton", "auth", "datasets", "variables", "escape"});
  Header header;
  header.position = document.position;
  MARVEL_TRY_STATUS(reader.check_keys());
  MARVEL_TRY_STATUS(reader.text("name", header.name));
  MARVEL_TRY_STATUS(reader.text("description", header.description));
  MARVEL_TRY_STATUS(reader.truth("singleton", header.singleton));
  MARVEL_TRY_STATUS(reader.truth("auth", header.auth));
  MARVEL_TRY_STATUS(reader.truth("datasets", header.datasets));
  std::string escape;
  MARVEL_TRY_STATUS(reader.text("escape", escape));
  if (!escape.empty() && escape != "$$") {
    return reader.refuse(*find(document, "escape"), "'escape' can only be $$");
  }
  header.escape_dollars = !escape.empty();
  const Node* variables = find(document, "variables");
  if (header.name.empty() || variables == nullptr) {
    return reader.refuse(document, "the template's header needs name and variables");
  }
  MARVEL_TRY_STATUS(read_variables(reader, *variables, file, header));
  return header;
}

Result<Template> read_template(std::string_view text, const std::string& file) {
  MARVEL_TRY(auto documents, read_yaml(text, file));
  Template result;
  result.file = file;
  for (Node& document : documents) {
    if (!is_header(document)) {
      result.documents.push_back(std::move(document));
      continue;
    }
    if (result.header) {
      return fail(Errc::kInput, describe(file, document.position) +
                                    ": a second template header; the first stands in line " +
                                    std::to_string(result.header->position.line));
    }
    MARVEL_TRY(result.header, read_header(document, file));
  }
  return result;
}

const Variable* find_variable(const Header& header, std::string_view name) {
  const auto found = std::find_if(header.variables.begin(), header.variables.end(),
                                  [&](const Variable& variable) { return variable.name == name; });
  return found == header.variables.end() ? nullptr : &*found;
}

Status check_value(const Variable& variable, const std::string& value) {
  if (value.size() > kLongestValue) {
    return fail(Errc::kInput, variable.name + ": the value is longer than 1 MiB");
  }
  MARVEL_TRY_STATUS(check_type(variable, value));
  MARVEL_TRY_STATUS(check_range(variable, value));
  const auto& choices = variable.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
    return fail(Errc::kInput, variable.name + ": " + shown(variable, value) + " is not one of " +
                                  join(choices, ", "));
  }
  if (!variable.pattern.empty() && !matches(variable.pattern, value)) {
    return fail(Errc::kInput, variable.name + ": " + shown(variable, value) + " does not match " +
                                  variable.pattern);
  }
  return {};
}

}  // namespace marvel::deploy
