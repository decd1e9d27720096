#include "deploy/targets.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

constexpr const char* kRequired = "requiredDuringSchedulingIgnoredDuringExecution";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The last part of a label's key, and its value: letters and digits at both ends.
bool is_label_part(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

// RFC 1123: lower-case parts between dots.
bool is_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) {
    return false;
  }
  const auto parts = split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return is_label_part(part) && std::all_of(part.begin(), part.end(), [](char c) {
             return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
           });
  });
}

bool is_label_key(std::string_view text) {
  const auto slash = text.find('/');
  return slash == std::string_view::npos
             ? is_label_part(text)
             : is_subdomain(text.substr(0, slash)) && is_label_part(text.substr(slash + 1));
}

// Conditions on nodes, all of which must hold.
struct Conditions {
  std::map<std::string, std::vector<std::string>> labels;  // key to allowed values
  std::string node;                                        // empty: any
};

Json expression(const std::string& key, const std::vector<std::string>& values) {
  return {{"key", key}, {"operator", "In"}, {"values", values}};
}

bool holds(const Json& list, const Json& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void add_once(Json& term, const char* part, const Json& item) {
  Json& list = term[part];
  list = list.is_array() ? list : Json::array();
  if (!holds(list, item)) {
    list.push_back(item);
  }
}

// Whether a requirement of a term can hold for some node that `allowed` values of its key admit.
bool compatible(const Json& requirement, const std::vector<std::string>& allowed) {
  const std::string operation = requirement.value("operator", "");
  const Json values = requirement.value("values", Json::array());
  if (operation == "DoesNotExist") {
    return false;
  }
  return (operation != "In" && operation != "NotIn") ||
         std::any_of(allowed.begin(), allowed.end(), [&](const std::string& value) {
           return holds(values, value) == (operation == "In");
         });
}

bool compatible(const Json& term, const Conditions& conditions) {
  const auto good = [&](const char* part, const std::string& key,
                        const std::vector<std::string>& allowed) {
    const Json list = term.value(part, Json::array());
    return std::all_of(list.begin(), list.end(), [&](const Json& requirement) {
      return requirement.value("key", "") != key || compatible(requirement, allowed);
    });
  };
  const bool labels = std::all_of(
      conditions.labels.begin(), conditions.labels.end(),
      [&](const auto& label) { return good("matchExpressions", label.first, label.second); });
  return labels &&
         (conditions.node.empty() || good("matchFields", "metadata.name", {conditions.node}));
}

bool is_empty_term(const Json& term) {
  return term.value("matchExpressions", Json::array()).empty() &&
         term.value("matchFields", Json::array()).empty();
}

Json with(Json term, const Conditions& conditions) {
  for (const auto& [key, values] : conditions.labels) {
    add_once(term, "matchExpressions", expression(key, values));
  }
  if (!conditions.node.empty()) {
    add_once(term, "matchFields", expression("metadata.name", {conditions.node}));
  }
  return term;
}

// One set of conditions per node, because a term can name one node only.
std::vector<Conditions> conditions_of(const Targets& targets) {
  Conditions common;
  for (const Layer& layer : targets.layers) {
    common.labels[layer.key].push_back(layer.value);
  }
  std::vector<Conditions> all;
  for (const std::string& node : targets.nodes) {
    all.push_back(common);
    all.back().node = node;
  }
  if (all.empty() && !common.labels.empty()) {
    all.push_back(common);
  }
  return all;
}

// The work on one pod spec. `path_` is where it stands, for messages.
class PodTargets {
 public:
  PodTargets(Object& object, Path path, Json& spec)
      : object_(object), path_(std::move(path)), spec_(spec) {}

  Status add(const Targets& targets) {
    const auto conditions = conditions_of(targets);
    if (!conditions.empty()) {
      MARVEL_TRY_STATUS(check_selector(targets));
      MARVEL_TRY_STATUS(add_affinity(conditions));
    }
    MARVEL_TRY(Json * tolerations, member(spec_, "tolerations", Json::array(), {}));
    for (const Layer& layer : targets.layers) {
      add_toleration(*tolerations, {layer.key, layer.value, ""});
    }
    for (const Toleration& toleration : targets.tolerations) {
      add_toleration(*tolerations, toleration);
    }
    if (tolerations->empty()) {
      spec_.erase("tolerations");
    }
    return {};
  }

 private:
  Status check_selector(const Targets& targets) {
    const auto wanted = conditions_of(targets)[0].labels;
    const Json selector = spec_.value("nodeSelector", Json::object());
    for (const auto& [key, values] : wanted) {
      const auto own = selector.is_object() ? selector.find(key) : selector.end();
      if (own == selector.end() || !own->is_string()) {
        continue;
      }
      const auto asked = own->get<std::string>();
      if (std::find(values.begin(), values.end(), asked) == values.end()) {
        return conflict({"nodeSelector", key}, "nodeSelector asks for " + key + "=" + asked +
                                                   ", the target for " + key + "=" +
                                                   join(values, " or "));
      }
    }
    return {};
  }

  Status add_affinity(const std::vector<Conditions>& conditions) {
    Path path{"affinity"};
    MARVEL_TRY(Json * affinity, member(spec_, "affinity", Json::object(), path));
    path.emplace_back("nodeAffinity");
    MARVEL_TRY(Json * node_affinity, member(*affinity, "nodeAffinity", Json::object(), path));
    path.emplace_back(kRequired);
    MARVEL_TRY(Json * required, member(*node_affinity, kRequired, Json::object(), path));
    path.emplace_back("nodeSelectorTerms");
    MARVEL_TRY(Json * terms, member(*required, "nodeSelectorTerms", Json::array(), path));
    Json merged = merge(*terms, conditions);
    if (merged.empty()) {
      return conflict(path, "the affinity leaves no node of the target");
    }
    *terms = std::move(merged);
    return {};
  }

  // Alternatives stay alternatives: each is narrowed. Those that no node can meet any more go.
  static Json merge(const Json& terms, const std::vector<Conditions>& conditions) {
    Json merged = Json::array();
    for (const Conditions& each : conditions) {
      if (terms.empty()) {
        merged.push_back(with(Json::object(), each));
      }
      for (const Json& term : terms) {
        const bool alive = term.is_object() && !is_empty_term(term) && compatible(term, each);
        if (const Json narrowed = alive ? with(term, each) : Json();
            alive && !holds(merged, narrowed)) {
          merged.push_back(narrowed);
        }
      }
    }
    return merged;
  }

  static void add_toleration(Json& tolerations, const Toleration& wanted) {
    Json item = {{"key", wanted.key}, {"operator", "Equal"}, {"value", wanted.value}};
    const bool covered = std::any_of(tolerations.begin(), tolerations.end(),
                                     [&](const Json& own) { return tolerates(own, wanted); });
    if (covered) {
      return;
    }
    if (!wanted.effect.empty()) {
      item["effect"] = wanted.effect;
    }
    tolerations.push_back(std::move(item));
  }

  // Kubernetes' own rule: an empty key with Exists tolerates all, an absent effect all effects.
  static bool tolerates(const Json& own, const Toleration& wanted) {
    if (!own.is_object() || own.contains("tolerationSeconds")) {
      return false;
    }
    const std::string key = own.value("key", "");
    const std::string effect = own.value("effect", "");
    const bool exists = own.value("operator", "Equal") == "Exists";
    if (!effect.empty() && effect != wanted.effect) {
      return false;
    }
    return key.empty() ? exists
                       : key == wanted.key && (exists || own.value("value", "") == wanted.value);
  }

  // `parent[name]`, made when absent or null.
  Result<Json*> member(Json& parent, const char* name, Json preset, const Path& path) {
    Json& value = parent[name];
    if (value.is_null()) {
      value = std::move(preset);
    } else if (value.type() != preset.type()) {
      const Path where = whole(path.empty() ? Path{name} : path);
      return fail(Errc::kInput, describe(object_.file(), object_.position(where)) + ": " +
                                    describe(where) + " has the wrong type");
    }
    return &value;
  }

  [[nodiscard]] Path whole(const Path& path) const {
    Path all = path_;
    all.insert(all.end(), path.begin(), path.end());
    return all;
  }

  [[nodiscard]] tl::unexpected<Error> conflict(const Path& path, const std::string& what) const {
    return fail(Errc::kConflict,
                describe(object_.file(), object_.position(whole(path))) + ": " + object_.label() +
                    ": " + what,
                "change the manifest or the target");
  }

  Object& object_;
  Path path_;
  Json& spec_;
};

}  // namespace

Result<Layer> read_layer(std::string_view text) {
  Layer layer;
  const auto equals = text.find('=');
  layer.value = std::string(equals == std::string_view::npos ? text : text.substr(equals + 1));
  if (equals != std::string_view::npos) {
    layer.key = std::string(text.substr(0, equals));
  }
  if (!is_label_key(layer.key) || !is_label_part(layer.value)) {
    return fail(Errc::kUsage, "'" + std::string(text.substr(0, 80)) + "' is no layer",
                "give KEY=VALUE as in Layer=GRNEDGE1, or the value alone");
  }
  return layer;
}

Status check_node_name(std::string_view name) {
  return is_subdomain(name)
             ? Status()
             : fail(Errc::kUsage, "'" + std::string(name.substr(0, 80)) + "' is no name of a node",
                    "names are lower-case letters, digits, '-' and '.'");
}

std::optional<Path> pod_spec_path(std::string_view kind) {
  if (kind == "Pod") {
    return Path{"spec"};
  }
  if (kind == "CronJob") {
    return Path{"spec", "jobTemplate", "spec", "template", "spec"};
  }
  for (const std::string_view owner :
       {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ReplicationController"}) {
    if (kind == owner) {
      return Path{"spec", "template", "spec"};
    }
  }
  return std::nullopt;
}

Status add_targets(Object& object, const Targets& targets) {
  const auto path = pod_spec_path(object.kind());
  if (!path || targets.empty()) {
    return {};
  }
  Json* spec = &object.body();
  for (const std::string& part : *path) {
    if (!spec->is_object() || !spec->contains(part) || !(*spec)[part].is_object()) {
      return fail(Errc::kInput, describe(object.file(), object.position(*path)) + ": " +
                                    object.label() + " has no " + describe(*path));
    }
    spec = &(*spec)[part];
  }
  try {
    return PodTargets(object, *path, *spec).add(targets);
  } catch (const Json::exception&) {  // "operator: 3"
    return fail(Errc::kInput, describe(object.file(), object.position(*path)) + ": " +
                                  object.label() +
                                  ": a field of the affinity or tolerations has "
                                  "the wrong type");
  }
}

}  // namespace marvel::deploy
