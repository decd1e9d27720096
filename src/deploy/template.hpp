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
//
// This header reads the format and knows what a variable may hold; values.hpp collects values from
// flags, files and the environment, render.hpp puts them into the documents. Reading never fills
// anything in: one Template may be rendered many times, with other values each time.

// What `type` of a variable demands of its value, as YAML 1.1 without quotes reads it: kInteger
// takes 0644, kBoolean takes yes and off. kAny is a variable without `type`; kText takes all.
enum class VariableType { kAny, kText, kInteger, kNumber, kBoolean };

struct Variable {
  std::string name;
  // The default, as text in the spelling of the file: "0644" stays that. `default:` with nothing
  // behind it, or with null or ~, is empty text; nothing here means that the file has no default at
  // all.
  std::optional<std::string> preset;
  std::string help;
  // From here on marvel's own additions to the format.
  VariableType type = VariableType::kAny;
  bool typed_default = false;        // the default is a number or truth value without quotes
  std::vector<std::string> choices;  // "enum"
  // Bounds, both allowed values; either makes numbers the only good values, whatever `type` says. A
  // value counts as YAML reads it without quotes: 0777 is 511.
  std::optional<double> min;
  std::optional<double> max;
  // A POSIX extended regular expression for the whole value, without back-references.
  std::string pattern;
  bool required = false;  // has no usable default
  bool secret = false;    // never on a command line, never shown
  // Of the variable's map, and of its default (of the map again where it has none).
  Position position;
  Position preset_position;
};

// `name` is a title for people, not the variable NAME. `singleton` asks for one running service of
// this template in a namespace, which applying heeds and rendering does not. `auth` and `datasets`
// are for MARVdash's own service: they are read and checked, and nothing here uses them.
struct Header {
  std::string name;
  std::string description;
  bool singleton = false;
  bool auth = true;
  bool datasets = true;
  bool escape_dollars = false;      // "escape: $$": "$$" in the documents becomes "$"
  std::vector<Variable> variables;  // in the file's order, no name twice
  Position position;
};

// A value type with all that rendering needs; the text it was read from may go.
struct Template {
  std::string file;              // for messages only
  std::optional<Header> header;  // none: a plain manifest, nothing is substituted
  std::vector<Node> documents;   // without the header
};

// Reads a template or a plain manifest. kInput, with file:line:column, for what read_yaml refuses,
// a second header, and a header with missing or unknown keys or with wrong types, with more than
// 1000 variables, or with a default that its own variable forbids. An empty default, and one that
// `required` makes void, may be anything. Documents are not looked at: that they are Kubernetes
// objects is checked when they are rendered.
Result<Template> read_template(std::string_view text, const std::string& file);

// The header alone, from its document, which is_header has accepted. kInput as above.
Result<Header> read_header(const Node& document, const std::string& file);

// Whether a document is a header: `kind: Template` without an apiVersion. With one it is
// OpenShift's or somebody else's object of that kind, and a document like others.
bool is_header(const Node& document);

// Null when the header has none of that name; else it points into `header`.
const Variable* find_variable(const Header& header, std::string_view name);

// Refuses a value that its variable forbids: type, enum, min, max, pattern. The message names the
// variable, and at most 80 bytes of the value unless it is secret; no place, since a value may come
// from anywhere. All failures are kInput; a value of more than 1 MiB is one. The pattern is
// compiled anew each time. `required` and `secret` are not looked at: effective_values (render.hpp)
// does.
Status check_value(const Variable& variable, const std::string& value);

}  // namespace marvel::deploy
