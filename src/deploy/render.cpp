#include "deploy/render.hpp"

#include "base/edit_distance.hpp"
#include "deploy/kubernetes_schema.hpp"
#include "deploy/scalar.hpp"
#include "deploy/substitute.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

// Names become parts of DNS names.
constexpr const char* kNamePattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

Status check_predefined(const Variable& variable, const std::string& value) {
  if (variable.name != "NAME" && variable.name != "NAMESPACE") {
    return {};
  }
  Variable name = variable;
  name.pattern = kNamePattern;
  if (value.size() > 63) {
    return fail(Errc::kInput, variable.name + ": longer than 63 letters");
  }
  return check_value(name, value);
}

// HOSTNAME "${NAME}-grn.apps.example" is another one for each service.
std::string filled(const Value& value, const Header& header, const Values& given) {
  if (!value.platform) {
    return value.text;
  }
  const Lookup own = [&](const std::string& name) -> std::optional<std::string> {
    if (name != "NAME" && name != "NAMESPACE") {
      return std::nullopt;
    }
    if (const auto found = given.find(name); found != given.end()) {
      return found->second.text;
    }
    const Variable* variable = find_variable(header, name);
    return variable == nullptr ? std::nullopt : variable->preset;
  };
  return substitute(value.text, own, Dollars::kKeep);
}

// Whether plain `text` has a type that a field of this kind takes.
bool fits(FieldKind kind, std::string_view text) {
  const ScalarType type = plain_type(text);
  switch (kind) {
    case FieldKind::kInteger:
    case FieldKind::kIntegerOrText:
      return type == ScalarType::kInteger;
    case FieldKind::kNumber:
      return type == ScalarType::kInteger || type == ScalarType::kReal;
    case FieldKind::kBoolean:
      return type == ScalarType::kBoolean;
    default:
      return false;
  }
}

class Substituter {
 public:
  Substituter(std::string file, const Header& header,
              const std::map<std::string, std::string>& values, bool mask)
      : file_(std::move(file)), header_(header), values_(values), mask_(mask) {
    dollars_ = header.escape_dollars ? Dollars::kEscape : Dollars::kKeep;
  }

  Status run(Node& document) {
    return visit(document,
                 kubernetes_type(text_at(document, "apiVersion"), text_at(document, "kind")));
  }

  std::vector<Unknown> take_unknown() { return std::move(unknown_); }
  [[nodiscard]] bool used(const std::string& name) const { return used_.contains(name); }

 private:
  Status visit(Node& node, FieldType type) {
    switch (node.kind) {
      case Node::Kind::kScalar:
        return visit_scalar(node, type);
      case Node::Kind::kList:
        for (std::size_t i = 0; i < node.items.size(); ++i) {
          path_.push_back(std::to_string(i));
          MARVEL_TRY_STATUS(visit(node.items[i], type.element()));
          path_.pop_back();
        }
        return {};
      case Node::Kind::kMap:
        return visit_map(node, type);
      default:
        return {};
    }
  }

  Status visit_map(Node& map, FieldType type) {
    std::map<std::string, std::string> keys;  // and how they may be shown
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
      Node& key = map.items[i];
      const std::string shown = fill(key).shown;
      const auto [first, fresh] = keys.try_emplace(key.text, shown);
      if (!fresh) {  // one of them may hide what the other one shows
        return refuse(
            key, "two keys become '" + (first->second == key.text ? shown : first->second) + "'");
      }
      path_.push_back(shown);
      MARVEL_TRY_STATUS(visit(map.items[i + 1], type.field(key.text).value_or(FieldType())));
      path_.pop_back();
    }
    return {};
  }

  struct Filled {
    std::vector<Reference> known;  // the variables that were replaced
    std::string shown;             // the new text as messages may show it, without secrets
  };

  // Replaces the variables in a scalar.
  Filled fill(Node& node) {
    std::vector<Reference> known;
    for (Reference& reference : references(node.text, dollars_)) {
      if (values_.contains(reference.name)) {
        used_.insert(reference.name);
        known.push_back(std::move(reference));
      } else {
        unknown_.push_back({reference.name, node.position, path_});
      }
    }
    const auto text = [&](bool mask) {
      return substitute(
          node.text, [&](const std::string& name) { return value(name, mask); }, dollars_);
    };
    std::string shown = text(true);
    node.text = text(mask_);
    return {std::move(known), std::move(shown)};
  }

  [[nodiscard]] std::optional<std::string> value(const std::string& name, bool mask) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
      return std::nullopt;
    }
    return mask && is_secret(name) ? kMask : found->second;
  }

  Status visit_scalar(Node& node, FieldType type) {
    if (node.text.find('$') == std::string::npos) {
      return {};
    }
    const auto [known, shown] = fill(node);
    if (known.empty() || node.style == Node::Style::kText) {
      return {};
    }
    const FieldKind kind = type.kind();
    const bool open = kind == FieldKind::kUnknown || kind == FieldKind::kAny;
    if (open ? typed_by_variable(known, node.text) : fits(kind, node.text)) {
      return {};  // stays plain, so its text decides
    }
    const bool must =
        kind == FieldKind::kInteger || kind == FieldKind::kNumber || kind == FieldKind::kBoolean;
    if (must && !hides_secret(known)) {
      return refuse(node,
                    describe(path_) + " wants " + type.words() + ", and " + known[0].name +
                        (shown == kMask ? " is none" : " makes it '" + shown.substr(0, 80) + "'"),
                    "give " + known[0].name + " another value");
    }
    node.style = Node::Style::kText;
    return {};
  }

  // Where Kubernetes' schema does not say: by the variable's type, or by that of its default.
  [[nodiscard]] bool typed_by_variable(const std::vector<Reference>& known,
                                       const std::string& text) const {
    const Variable& variable = *find_variable(header_, known[0].name);
    const std::optional<std::string> whole = value(variable.name, mask_);
    if (known.size() != 1 || whole != text) {
      return false;
    }
    switch (variable.type) {
      case VariableType::kInteger:
        return fits(FieldKind::kInteger, text);
      case VariableType::kNumber:
        return fits(FieldKind::kNumber, text);
      case VariableType::kBoolean:
        return fits(FieldKind::kBoolean, text);
      case VariableType::kAny:
        return variable.typed_default &&
               (fits(FieldKind::kNumber, text) || fits(FieldKind::kBoolean, text));
      default:
        return false;
    }
  }

  [[nodiscard]] bool is_secret(const std::string& name) const {
    return find_variable(header_, name)->secret;
  }
  [[nodiscard]] bool hides_secret(const std::vector<Reference>& known) const {
    return mask_ && std::any_of(known.begin(), known.end(), [this](const Reference& reference) {
             return is_secret(reference.name);
           });
  }

  [[nodiscard]] tl::unexpected<Error> refuse(const Node& node, const std::string& what,
                                             const std::string& hint = {}) const {
    return fail(Errc::kInput, describe(file_, node.position) + ": " + what, hint);
  }

  std::string file_;
  const Header& header_;
  const std::map<std::string, std::string>& values_;
  bool mask_;
  Dollars dollars_ = Dollars::kKeep;
  Path path_;
  std::vector<Unknown> unknown_;
  std::set<std::string> used_;
};

bool has_secrets(const Header& header) {
  return std::any_of(header.variables.begin(), header.variables.end(),
                     [](const Variable& variable) { return variable.secret; });
}

// Tells the objects where secrets stand, by filling in the documents once more without them.
Status note_secrets(const Template& source, const Header& header,
                    const std::map<std::string, std::string>& values,
                    std::vector<Object>& objects) {
  std::vector<Node> documents = source.documents;
  Substituter substituter(source.file, header, values, true);
  for (Node& document : documents) {
    MARVEL_TRY_STATUS(substituter.run(document));
  }
  MARVEL_TRY(const auto masked, to_objects(source.file, documents));
  for (std::size_t i = 0; i < objects.size() && i < masked.size(); ++i) {
    objects[i].set_hidden(hidden_places(objects[i].body(), masked[i].body()));
  }
  return {};
}

Status fill_documents(const std::string& file, const Header& header, bool mask,
                      std::vector<Node>& documents,
                      const std::map<std::string, std::string>& values, Rendered& rendered) {
  Substituter substituter(file, header, values, mask);
  for (Node& document : documents) {
    MARVEL_TRY_STATUS(substituter.run(document));
  }
  rendered.unknown = substituter.take_unknown();
  for (const Variable& variable : header.variables) {
    if (!substituter.used(variable.name)) {
      rendered.unused.push_back(variable.name);
    }
    if (!variable.secret) {
      rendered.values[variable.name] = values.at(variable.name);
    }
  }
  return {};
}

// A required variable without a value, or with an empty one, which may be a mistake in YAML: "NAME:
// ~".
tl::unexpected<Error> no_value(const Template& source, const Variable& variable, bool is_empty) {
  const std::string what = describe(source.file, variable.position) + ": " + variable.name;
  if (is_empty) {
    return fail(Errc::kInput, what + " is required, and its value is empty",
                "give it another value, or a default in the template if empty is a good one");
  }
  return fail(Errc::kInput, what + " has no value",
              variable.secret ? "give it with --values FILE or MARVEL_VAR_" + variable.name
                              : "give it with --set " + variable.name + "=...");
}

}  // namespace

// The values a template is rendered with: given ones over defaults, each checked.
Result<std::map<std::string, std::string>> effective_values(const Template& source,
                                                            const Values& given) {
  std::map<std::string, std::string> values;
  if (!source.header) {
    return values;
  }
  for (const Variable& variable : source.header->variables) {
    const auto found = given.find(variable.name);
    const bool empty = found == given.end() || found->second.text.empty();
    if (variable.required && empty) {
      return no_value(source, variable, found != given.end());
    }
    if (found == given.end()) {
      values[variable.name] = variable.preset.value_or("");
    } else if (found->second.exposed && variable.secret) {
      return fail(Errc::kUsage, variable.name + " is secret, and command lines are no secrets",
                  "give it with --values FILE, --values - or MARVEL_VAR_" + variable.name);
    } else {
      const std::string text = filled(found->second, *source.header, given);
      MARVEL_TRY_STATUS(check_value(variable, text));
      values[variable.name] = text;
    }
    MARVEL_TRY_STATUS(check_predefined(variable, values[variable.name]));
  }
  return values;
}

void mask_secret(Object& object) {
  if (object.kind() != "Secret") {
    return;
  }
  for (const char* part : {"data", "stringData"}) {
    auto& body = object.body();
    if (body.contains(part) && body[part].is_object()) {
      for (auto& value : body[part]) {
        value = kMask;
      }
    }
  }
}

void mask_all(Object& object) {
  hide(object.body(), object.hidden());
  mask_secret(object);
}

Result<Rendered> render(const Template& source, const RenderOptions& options) {
  Rendered rendered;
  std::vector<Node> documents = source.documents;
  const bool show = options.secrets == Secrets::kShow;
  std::map<std::string, std::string> values;
  if (source.header) {
    MARVEL_TRY(values, effective_values(source, options.values));
    MARVEL_TRY_STATUS(
        fill_documents(source.file, *source.header, !show, documents, values, rendered));
  }
  MARVEL_TRY(rendered.objects, to_objects(source.file, documents));
  if (show && source.header && has_secrets(*source.header)) {
    MARVEL_TRY_STATUS(note_secrets(source, *source.header, values, rendered.objects));
  }
  if (options.secrets == Secrets::kMaskAll) {
    std::for_each(rendered.objects.begin(), rendered.objects.end(), mask_secret);
  }
  return rendered;
}

Status check_names(const Values& values, const std::vector<Template>& templates) {
  std::vector<std::string> known;
  for (const Template& source : templates) {
    if (source.header) {
      for (const Variable& variable : source.header->variables) {
        known.push_back(variable.name);
      }
    }
  }
  for (const auto& entry : values) {
    const std::string& name = entry.first;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto meant = closest(name, known);
      return fail(Errc::kUsage, "no template has a variable " + name,
                  meant ? "did you mean " + *meant + "?" : "");
    }
  }
  return {};
}

}  // namespace marvel::deploy
