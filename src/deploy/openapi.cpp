#include "deploy/openapi.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 40;  // schemas inside schemas
constexpr const char* kAnything = "*";

const Json& member(const Json& object, const char* key) {
  static const Json kNull;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : kNull;
}

std::string text(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool is_true(const Json& object, const char* key) {
  const Json& value = member(object, key);
  return value.is_boolean() && value.get<bool>();
}

std::string last_part(const std::string& name) {
  return name.substr(name.rfind('.') + 1);
}

// A word of the table holds none of its marks.
bool is_word(std::string_view word) {
  return !word.empty() && word.find_first_of(" \n:=![]{}") == std::string_view::npos;
}

// "#/components/schemas/io.k8s.api.core.v1.Pod", plain or as the one part of `allOf`.
std::string reference(const Json& schema) {
  std::string target = text(schema, "$ref");
  if (const Json& parts = member(schema, "allOf"); target.empty() && parts.is_array()) {
    for (const Json& part : parts) {
      target = target.empty() ? text(part, "$ref") : target;
    }
  }
  return target.substr(target.rfind('/') + 1);
}

class TableMaker {
 public:
  std::string make(const std::vector<Json>& documents) {
    for (const Json& document : documents) {
      const Json& found = member(member(document, "components"), "schemas");
      collect(found.is_object() ? found : member(document, "definitions"));
    }
    for (const auto& [name, schema] : schemas_) {
      if (is_word(name)) {
        add_schema(name, *schema);
      }
    }
    return std::move(table_);
  }

 private:
  void collect(const Json& found) {
    if (found.is_object()) {
      for (const auto& [name, schema] : found.items()) {
        if (schemas_.emplace(name, &schema).second) {
          ++uses_[last_part(name)];
        }
      }
    }
  }

  [[nodiscard]] std::string short_name(const std::string& full) const {
    const std::string last = last_part(full);
    const auto uses = uses_.find(last);
    // Names of one letter are types of the table.
    return uses != uses_.end() && uses->second == 1 && last.size() > 1 ? last : full;
  }

  // Kinds get a line each; a type that is no kind gets one when somebody uses it as an object.
  void add_schema(const std::string& full, const Json& schema) {
    if (!is_object(schema)) {
      return;
    }
    const std::string name = short_name(full);
    const Json& kinds = member(schema, "x-kubernetes-group-version-kind");
    bool added = false;
    for (const Json& one : kinds.is_array() ? kinds : Json::array()) {
      const std::string group = text(one, "group");
      const std::string version = (group.empty() ? "" : group + "/") + text(one, "version");
      const std::string kind = text(one, "kind");
      if (is_word(version) && is_word(kind) && member(schema, "properties").contains("metadata")) {
        add_line(kind + " " + version, schema, true, 0);
        added = true;
      }
    }
    if (!added || name != last_part(full)) {
      add_line(name, schema, false, 0);
    }
  }

  static bool is_object(const Json& schema) {
    const Json& properties = member(schema, "properties");
    return properties.is_object() && !properties.empty() &&
           !is_true(schema, "x-kubernetes-preserve-unknown-fields") &&
           !is_true(schema, "x-kubernetes-embedded-resource");
  }

  void add_line(const std::string& name, const Json& schema, bool is_kind, int depth) {
    std::set<std::string> required;
    for (const Json& one :
         member(schema, "required").is_array() ? member(schema, "required") : Json::array()) {
      if (one.is_string()) {
        required.insert(one.get<std::string>());
      }
    }
    if (is_kind) {
      required.insert({"apiVersion", "kind", "metadata"});
    }
    std::string line = name + ":";
    for (const auto& [field, type] : member(schema, "properties").items()) {
      if (is_word(field)) {
        const bool open = is_kind && field == "status";
        const std::string word = open ? kAnything : type_of(type, name + "." + field, depth + 1);
        line += " " + field + (required.contains(field) ? "!=" : "=") + word;
      }
    }
    table_ += line + "\n";
  }

  // `inner` names a schema that has no name of its own.
  std::string type_of(const Json& schema, const std::string& inner, int depth) {
    if (depth > kDeepest) {
      return kAnything;
    }
    if (const std::string target = reference(schema); !target.empty()) {
      return type_of_reference(target, depth);
    }
    const std::string type = text(schema, "type");
    if (is_true(schema, "x-kubernetes-int-or-string") ||
        text(schema, "format") == "int-or-string") {
      return "p";
    }
    if (type == "array") {
      return "[" + type_of(member(schema, "items"), inner, depth + 1) + "]";
    }
    if (is_object(schema)) {
      std::string name = inner;
      std::replace(name.begin(), name.end(), ' ', '.');
      std::replace(name.begin(), name.end(), '/', '.');
      add_line(name, schema, false, depth);
      return name;
    }
    if (type == "object") {
      const Json& values = member(schema, "additionalProperties");
      return values.is_object() && !is_true(schema, "x-kubernetes-preserve-unknown-fields")
                 ? "{" + type_of(values, inner, depth + 1) + "}"
                 : kAnything;
    }
    return type == "string"    ? "s"
           : type == "integer" ? "i"
           : type == "number"  ? "n"
           : type == "boolean" ? "b"
                               : kAnything;
  }

  std::string type_of_reference(const std::string& target, int depth) {
    const auto found = schemas_.find(target);
    if (target.ends_with("api.resource.Quantity")) {
      return "q";
    }
    if (target.ends_with("util.intstr.IntOrString")) {
      return "p";
    }
    if (found == schemas_.end() || !is_word(target)) {
      return kAnything;
    }
    return is_object(*found->second) ? short_name(target)
                                     : type_of(*found->second, target, depth + 1);
  }

  std::map<std::string, const Json*> schemas_;
  std::map<std::string, int> uses_;  // of last parts of names
  std::string table_;
};

}  // namespace

std::string table_of_openapi(const std::vector<Json>& documents) {
  return TableMaker().make(documents);
}

}  // namespace marvel::deploy
