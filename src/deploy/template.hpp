#pragma once

#include "base/result.hpp"
#include "deploy/yaml.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marvel::deploy {

// MARVdash's template format: a file of several YAML documents, one of which may be a header
// `kind: Template` that names the variables of the others. See docs/formats/template.md.

enum class VariableType { kAny, kText, kInteger, kNumber, kBoolean };

struct Variable {
  std::string name;
  std::optional<std::string> preset;  // the default, as text
  std::string help;
  // From here on marvel's own additions to the format.
  VariableType type = VariableType::kAny;
  bool typed_default = false;        // the default is a number or truth value without quotes
  std::vector<std::string> choices;  // "enum"
  std::optional<double> min;
  std::optional<double> max;
  std::string pattern;    // a POSIX extended regular expression for the whole value
  bool required = false;  // has no usable default
  bool secret = false;    // never on a command line, never shown
  Position position;
  Position preset_position;
};

struct Header {
  std::string name;
  std::string description;
  bool singleton = false;
  bool auth = true;
  bool datasets = true;
  bool escape_dollars = false;  // "escape: $$": "$$" in the documents becomes "$"
  std::vector<Variable> variables;
  Position position;
};

struct Template {
  std::string file;
  std::optional<Header> header;  // none: a plain manifest, nothing is substituted
  std::vector<Node> documents;   // without the header
};

// Reads a template or a plain manifest. kInput, with file:line:column, for what read_yaml refuses,
// a second header, and a header with missing or unknown keys or with wrong types.
Result<Template> read_template(std::string_view text, const std::string& file);

// The header alone, from its document.
Result<Header> read_header(const Node& document, const std::string& file);

// Whether a document is a header: `kind: Template` without an apiVersion.
bool is_header(const Node& document);

const Variable* find_variable(const Header& header, std::string_view name);

// Refuses a value that its variable forbids: type, enum, min, max, pattern. The message names the
// variable, and the value unless it is secret.
Status check_value(const Variable& variable, const std::string& value);

}  // namespace marvel::deploy
