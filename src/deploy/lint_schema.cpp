#include "base/edit_distance.hpp"
#include "base/text.hpp"
#include "deploy/api_versions.hpp"
#include "deploy/kubernetes_schema.hpp"
#include "deploy/lint_rules.hpp"
#include "deploy/scalar.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

struct Choice {
  std::string_view type;
  std::string_view field;
  std::array<std::string_view, 6> words;
};

// Fields with few words to choose from.
constexpr std::array kChoices = {
    Choice{"Container", "imagePullPolicy", {"Always", "IfNotPresent", "Never"}},
    Choice{"ContainerPort", "protocol", {"TCP", "UDP", "SCTP"}},
    Choice{"ServicePort", "protocol", {"TCP", "UDP", "SCTP"}},
    Choice{"ServiceSpec", "type", {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}},
    Choice{"PodSpec", "restartPolicy", {"Always", "OnFailure", "Never"}},
    Choice{"HTTPIngressPath", "pathType", {"Exact", "Prefix", "ImplementationSpecific"}},
    Choice{"NodeSelectorRequirement",
           "operator",
           {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"}},
    Choice{"LabelSelectorRequirement", "operator", {"In", "NotIn", "Exists", "DoesNotExist"}},
    Choice{"Toleration", "operator", {"Equal", "Exists", "Lt", "Gt"}},
    Choice{"Toleration", "effect", {"NoSchedule", "PreferNoSchedule", "NoExecute"}},
};

// "500m", "1.5Gi", "1e3": a number with a unit of Kubernetes.
bool is_quantity(std::string_view text) {
  const auto end = text.find_first_not_of("+-.0123456789");
  const std::string_view number = text.substr(0, end);
  const std::string_view unit = end == std::string_view::npos ? "" : text.substr(end);
  constexpr std::array<std::string_view, 16> kUnits = {
      "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  const bool exponent = unit.size() > 1 && (unit[0] == 'e' || unit[0] == 'E') &&
                        parse_integer(unit[1] == '+' ? unit.substr(2) : unit.substr(1)).has_value();
  return parse_real(number.starts_with('+') ? number.substr(1) : number).has_value() &&
         (exponent || std::find(kUnits.begin(), kUnits.end(), unit) != kUnits.end());
}

bool fits(FieldKind kind, const Json& value) {
  switch (kind) {
    case FieldKind::kText:
      return value.is_string();
    case FieldKind::kInteger:
      return value.is_number_integer();
    case FieldKind::kNumber:
      return value.is_number();
    case FieldKind::kBoolean:
      return value.is_boolean();
    case FieldKind::kQuantity:
      return value.is_number() ||
             (value.is_string() && is_quantity(value.get_ref<const std::string&>()));
    case FieldKind::kIntegerOrText:
      return value.is_number_integer() || value.is_string();
    case FieldKind::kList:
      return value.is_array();
    case FieldKind::kObject:
    case FieldKind::kMap:
      return value.is_object();
    default:
      return true;
  }
}

std::string shown(const Json& value) {
  if (value.is_object()) {
    return "a map";
  }
  if (value.is_array()) {
    return "a list";
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60);
}

// Walks one object along its schema.
class Checker {
 public:
  explicit Checker(Reporter reporter) : reporter_(reporter) {}

  void check(const Json& value, FieldType type, FieldType parent) {
    if (!fits(type.kind(), value)) {
      wrong_type(value, type);
      return;
    }
    if (value.is_object()) {
      check_map(value, type, parent);
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        path_.push_back(std::to_string(i));
        check(value[i], type.element(), type);
        path_.pop_back();
      }
    } else {
      check_source(type);
    }
  }

 private:
  void check_map(const Json& map, FieldType type, FieldType parent) {
    for (const std::string& name : type.required_fields()) {
      if (!map.contains(name) || map[name].is_null()) {
        const auto missing = type.field(name);
        reporter_.add(Severity::kError, "missing-field", path_,
                      (path_.empty() ? "the object" : describe(path_)) + " has no " + name,
                      "add " + name + (missing ? ": " + missing->words() : ""));
      }
    }
    for (const auto& [key, value] : map.items()) {
      const auto field = type.field(key);
      path_.push_back(key);
      if (!field) {
        unknown_field(key, map, type, parent);
      } else if (value.is_null()) {
        check_empty(map, *field);
      } else {
        check_choice(type, key, value);
        check(value, *field, type);
      }
      path_.pop_back();
    }
  }

  // An empty field is dropped; that it moved its contents to a neighbour is told there.
  void check_empty(const Json& map, FieldType field) {
    const bool structured = field.kind() == FieldKind::kObject || field.kind() == FieldKind::kList;
    const auto names = field.fields();
    const bool moved = std::any_of(names.begin(), names.end(),
                                   [&](const std::string& name) { return map.contains(name); });
    if (structured && !moved) {
      reporter_.add(Severity::kWarning, "empty-field", path_,
                    describe(path_) + " is empty, so Kubernetes drops it",
                    field.kind() == FieldKind::kObject ? "write {} or remove the line"
                                                       : "write [] or remove the line");
    }
  }

  void unknown_field(const std::string& key, const Json& map, FieldType type, FieldType parent) {
    const std::string where = describe(path_);
    if (const Path below = find_below(key, map, type); !below.empty()) {
      reporter_.add_at_key(
          Severity::kError, "wrong-nesting", path_,
          key + " stands beside, not under, " + describe(below) +
              ": Kubernetes drops it without a word",
          "indent " + key + " and what belongs to it, to stand under " + describe(below));
      return;
    }
    if (parent.kind() == FieldKind::kObject && parent.field(key)) {
      const std::string owner = path_.size() > 1 ? path_[path_.size() - 2] : "the object";
      reporter_.add_at_key(Severity::kError, "wrong-nesting", path_,
                           key + " stands under " + owner + ", and belongs beside it",
                           "indent " + key + " as far as " + owner);
      return;
    }
    const auto meant = closest(key, type.fields());
    reporter_.add_at_key(Severity::kError, "unknown-field", path_,
                         where + " is no field of Kubernetes",
                         meant ? "did you mean " + *meant + "?" : "remove it");
  }

  // The nearest field around here that has a field `key`: empty neighbours first, then those that
  // are there at all, at most three levels down.
  static Path find_below(const std::string& key, const Json& map, FieldType type) {
    struct Place {
      Path path;
      FieldType type;
    };
    Path present;
    std::deque<Place> open{{{}, type}};
    while (!open.empty()) {
      const Place place = open.front();
      open.pop_front();
      for (const std::string& name : place.type.fields()) {
        const auto known = place.type.field(name);
        if (!known || known->kind() != FieldKind::kObject || place.path.size() > 2) {
          continue;
        }
        const FieldType& inner = *known;
        Path path = place.path;
        path.push_back(name);
        const Json& value = at(map, path);
        const bool direct = place.path.empty() && map.contains(name);
        if (inner.field(key) && !inner.fields().empty() && direct && value.is_null()) {
          return path;
        }
        if (inner.field(key) && !inner.fields().empty() && value.is_object() && present.empty()) {
          present = path;
        }
        open.push_back({std::move(path), inner});
      }
    }
    return present;
  }

  void wrong_type(const Json& value, FieldType type) {
    const Node* source = reporter_.object().source(path_);
    const bool scalar = source != nullptr && source->kind == Node::Kind::kScalar;
    const bool secret = holds_secret();
    const std::string what = describe(path_) + " wants " + type.words() + ", not " +
                             (secret ? "a " + std::string(value.type_name()) : shown(value));
    if (scalar && type.kind() == FieldKind::kText && !value.is_structured()) {
      reporter_.add(Severity::kError, "type-change", path_, what,
                    secret ? "put it into quotes" : "put it into quotes: \"" + source->text + "\"");
    } else if (scalar && value.is_string() && source->style == Node::Style::kText &&
               fits(type.kind(), plain_value(source->text))) {
      reporter_.add(Severity::kError, "wrong-type", path_, what, "remove the quotes");
    } else {
      reporter_.add(Severity::kError, "wrong-type", path_, what, "give " + type.words());
    }
  }

  [[nodiscard]] bool holds_secret() const {
    return reporter_.object().kind() == "Secret" && path_.size() > 1 &&
           (path_[0] == "data" || path_[0] == "stringData");
  }

  // The type is right here; would another reader of YAML say the same?
  void check_source(FieldType type) {
    const Node* source = reporter_.object().source(path_);
    const bool plain = source != nullptr && source->kind == Node::Kind::kScalar &&
                       source->style == Node::Style::kPlain;
    const FieldKind kind = type.kind();
    const bool numeric = kind == FieldKind::kInteger || kind == FieldKind::kNumber ||
                         kind == FieldKind::kQuantity || kind == FieldKind::kBoolean;
    if (plain && !numeric && ambiguous(source->text)) {
      reporter_.add(Severity::kWarning, "ambiguous-scalar", path_,
                    "readers of YAML do not agree on what " +
                        (holds_secret() ? "this secret" : source->text) + " is",
                    "put it into quotes if it is text" +
                        (holds_secret() ? "" : ": \"" + source->text + "\""));
    }
  }

  void check_choice(FieldType type, const std::string& key, const Json& value) {
    const auto* const found = std::find_if(
        kChoices.begin(), kChoices.end(),
        [&](const Choice& choice) { return choice.type == type.name() && choice.field == key; });
    if (found == kChoices.end() || !value.is_string()) {
      return;
    }
    std::vector<std::string> words;
    for (const std::string_view word : found->words) {
      if (!word.empty()) {
        words.emplace_back(word);
      }
    }
    const auto& given = value.get_ref<const std::string&>();
    if (std::find(words.begin(), words.end(), given) == words.end()) {
      const auto meant = closest(given, words);
      reporter_.add(Severity::kError, "wrong-value", path_,
                    describe(path_) + " cannot be '" + given.substr(0, 60) + "'",
                    meant ? "did you mean " + *meant + "?" : "one of " + join(words, ", "));
    }
  }

  Reporter reporter_;
  Path path_;
};

// "apps/" of "apps/v1"; empty for "v1".
std::string group_of(const std::string& api_version) {
  return api_version.substr(0, api_version.find('/') + 1);
}

// The version of a kind that was meant by `api_version`, if it is surely none: its group is one
// that only Kubernetes can have, since those of others hold a dot, or one of the kind's own.
std::optional<std::string> meant_version(const std::string& api_version,
                                         const std::vector<std::string>& versions) {
  constexpr std::string_view kServedToo = "autoscaling/v1";  // and not in the built-in schema
  const std::string group = group_of(api_version);
  const auto same = std::find_if(versions.begin(), versions.end(), [&](const std::string& version) {
    return group_of(version) == group;
  });
  if (same != versions.end()) {
    return api_version == kServedToo ? std::nullopt : std::optional(*same);
  }
  return versions.empty() || group.find('.') != std::string::npos ? std::nullopt
                                                                  : std::optional(versions.front());
}

void check_kind(const Schema& schema, const Reporter& reporter) {
  const Object& object = reporter.object();
  const auto kinds = schema.kinds_of(object.api_version());
  const auto versions = schema.versions_of(object.kind());
  if (kinds.empty()) {  // somebody's own kind, a version that lint_api knows, or a wrong one
    const auto version = meant_version(object.api_version(), versions);
    if (version && find_old_api(object.api_version(), object.kind()) == nullptr) {
      reporter.add(Severity::kError, "unknown-kind", {"apiVersion"},
                   object.kind() + " is not in " + object.api_version(),
                   "write apiVersion: " + *version);
    }
    return;
  }
  const auto meant = closest(object.kind(), kinds);
  if (!versions.empty()) {
    reporter.add(Severity::kError, "unknown-kind", {"apiVersion"},
                 object.kind() + " is not in " + object.api_version(),
                 "write apiVersion: " + versions.front());
  } else if (meant) {
    reporter.add(Severity::kError, "unknown-kind", {"kind"},
                 object.api_version() + " has no kind " + object.kind(),
                 "did you mean " + *meant + "?");
  }
}

}  // namespace

void lint_schema(const Object& object, const Schema& schema, std::vector<Finding>& findings) {
  const Reporter reporter(object, findings);
  const FieldType type = schema.type(object.api_version(), object.kind());
  if (type.kind() == FieldKind::kUnknown) {
    check_kind(schema, reporter);
  }
  Checker(reporter).check(object.body(), type, FieldType());
}

}  // namespace marvel::deploy
