#include "deploy/taint/desired.hpp"

#include "base/text.hpp"
#include "config/json.hpp"
#include "deploy/yaml.hpp"

#include <algorithm>
#include <set>

namespace marvel::taint {
namespace {

using deploy::Position;
using Yaml = deploy::Node;  // a node of a document, not of a cluster

class DesiredReader {
 public:
  explicit DesiredReader(const std::string& file) : file_(file) {}

  Result<Desired> read(const Yaml& document) {
    MARVEL_TRY_STATUS(only(document, {"keys", "nodes", "selectors"}));
    MARVEL_TRY_STATUS(read_entries(document, "nodes", desired_.nodes));
    MARVEL_TRY_STATUS(read_entries(document, "selectors", desired_.selectors));
    if (desired_.nodes.empty() && desired_.selectors.empty()) {
      return refuse(document, "no nodes and no selectors");
    }
    MARVEL_TRY_STATUS(read_keys(document));
    return std::move(desired_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> refuse(const Yaml& where, const std::string& what) const {
    return fail({Errc::kInput,
                 deploy::describe(file_, where.position) + ": " + what,
                 "see 'man marvel-taint' for the format",
                 {},
                 "manifest_invalid"});
  }

  [[nodiscard]] Status only(const Yaml& map, const std::vector<std::string>& known) const {
    if (map.kind != Yaml::Kind::kMap) {
      return refuse(map, "expected a mapping with " + join(known, ", "));
    }
    for (std::size_t i = 0; i < map.items.size(); i += 2) {
      if (std::find(known.begin(), known.end(), map.items[i].text) == known.end()) {
        return refuse(map.items[i],
                      "unknown key '" + map.items[i].text + "' (known: " + join(known, ", ") + ")");
      }
    }
    return {};
  }

  Status read_entries(const Yaml& document, const char* key,
                      std::map<std::string, DesiredNode>& into) {
    const Yaml* map = deploy::find(document, key);
    if (map == nullptr || map->kind == Yaml::Kind::kNull) {
      return {};
    }
    if (map->kind != Yaml::Kind::kMap) {
      return refuse(*map, std::string(key) + " must be a mapping of names");
    }
    for (std::size_t i = 0; i + 1 < map->items.size(); i += 2) {
      MARVEL_TRY_STATUS(only(map->items[i + 1], {"keys", "taints", "labels"}));
      MARVEL_TRY(into[map->items[i].text], read_node(map->items[i + 1]));
    }
    return {};
  }

  Result<DesiredNode> read_node(const Yaml& entry) {
    DesiredNode node;
    if (const Yaml* taints = deploy::find(entry, "taints")) {
      node.taints.emplace();
      MARVEL_TRY_STATUS(read_taints(*taints, *node.taints));
    }
    MARVEL_TRY_STATUS(read_own_keys(entry, node));
    if (const Yaml* labels = deploy::find(entry, "labels")) {
      MARVEL_TRY_STATUS(read_labels(*labels, node));
    }
    return node;
  }

  Status read_taints(const Yaml& list, std::vector<Taint>& taints) {
    if (list.kind != Yaml::Kind::kList) {
      return refuse(list, "taints must be a list, [] for none");
    }
    for (const Yaml& item : list.items) {
      auto taint = parse_taint(item.text);
      if (!taint) {
        return refuse(item, taint.error().message);
      }
      for (const Taint& other : taints) {
        if (same_identity(other, *taint)) {
          return refuse(item, "the same key and effect stand here twice");
        }
      }
      taints.push_back(std::move(*taint));
    }
    return {};
  }

  // Taints of an entry without keys of its own are about those of the file.
  Status read_own_keys(const Yaml& entry, DesiredNode& node) {
    std::set<std::string> used;
    for (const Taint& taint : node.taints.value_or(std::vector<Taint>())) {
      used.insert(taint.key);
    }
    const Yaml* list = deploy::find(entry, "keys");
    if (list == nullptr) {
      used_keys_.merge(used);
      return {};
    }
    if (!node.taints) {
      return refuse(*list, "keys without taints; [] says none of them");
    }
    MARVEL_TRY(node.keys, read_key_list(*list, used, "the entry"));
    return {};
  }

  Status read_labels(const Yaml& map, DesiredNode& node) const {
    if (map.kind != Yaml::Kind::kMap) {
      return refuse(map, "labels must be a mapping");
    }
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
      const Yaml& key = map.items[i];
      const Yaml& value = map.items[i + 1];
      const bool is_null = value.kind == Yaml::Kind::kNull;
      if (!is_null && value.kind != Yaml::Kind::kScalar) {
        return refuse(value,
                      "label '" + key.text + "' must be one text, or null for no such label");
      }
      if (!is_qualified_name(key.text) || !is_label_value(value.text)) {
        return refuse(key, "'" + key.text + "' with '" + value.text + "' is no label");
      }
      node.labels[key.text] = is_null ? std::nullopt : std::optional<std::string>(value.text);
    }
    return {};
  }

  Status read_keys(const Yaml& document) {
    const Yaml* list = deploy::find(document, "keys");
    if (list == nullptr) {
      desired_.keys.assign(used_keys_.begin(), used_keys_.end());
      return {};
    }
    MARVEL_TRY(desired_.keys, read_key_list(*list, used_keys_, "the file"));
    return {};
  }

  // `used` are the keys of the taints that `who` sets.
  [[nodiscard]] Result<std::vector<std::string>> read_key_list(const Yaml& list,
                                                               const std::set<std::string>& used,
                                                               const std::string& who) const {
    if (list.kind != Yaml::Kind::kList) {
      return refuse(list, "keys must be a list of taint keys");
    }
    std::vector<std::string> keys;
    for (const Yaml& item : list.items) {
      if (!is_qualified_name(item.text)) {
        return refuse(item, "'" + item.text + "' is no taint key");
      }
      keys.push_back(item.text);
    }
    for (const auto& key : used) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        return refuse(list, who + " sets taints of key '" + key + "', which 'keys' leaves out");
      }
    }
    return keys;
  }

  const std::string& file_;
  Desired desired_;
  std::set<std::string> used_keys_;
};

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// What `labels` would change on `node`.
std::map<std::string, std::optional<std::string>> label_changes(
    const scheduling::Node& node, const std::map<std::string, std::optional<std::string>>& labels) {
  std::map<std::string, std::optional<std::string>> changes;
  for (const auto& [key, value] : labels) {
    const auto found = node.labels.find(key);
    const bool there = found != node.labels.end();
    if (value ? !there || found->second != *value : there) {
      changes[key] = value;
    }
  }
  return changes;
}

// Marks of Kubernetes itself come and go; nobody takes them back. Only people set out-of-service.
bool is_own_mark(const std::string& key) {
  return key.rfind("node.kubernetes.io/", 0) == 0 && key != "node.kubernetes.io/out-of-service";
}

// Keys of the taints that are in one list and not in the other.
void add_changed_keys(const std::vector<Taint>& one, const std::vector<Taint>& other,
                      std::set<std::string>& keys) {
  for (const auto& taint : one) {
    if (!is_own_mark(taint.key) && std::find(other.begin(), other.end(), taint) == other.end()) {
      keys.insert(taint.key);
    }
  }
}

// What takes one node back.
DesiredNode way_back_of(const NodeResult& result) {
  std::set<std::string> touched;
  add_changed_keys(result.before.taints, result.edit.taints, touched);
  add_changed_keys(result.edit.taints, result.before.taints, touched);
  std::vector<Taint> taints;
  for (const auto& taint : result.before.taints) {
    if (touched.contains(taint.key)) {
      taints.push_back(taint);
    }
  }
  DesiredNode back;
  if (!touched.empty()) {
    back.keys.emplace(touched.begin(), touched.end());
    back.taints = std::move(taints);
  }
  for (const auto& change : result.edit.labels) {
    const auto old = result.before.labels.find(change.first);
    back.labels[change.first] =
        old == result.before.labels.end() ? std::nullopt : std::optional<std::string>(old->second);
  }
  return back;
}

void join_node(DesiredNode& first, const DesiredNode& second) {
  first.labels.insert(second.labels.begin(), second.labels.end());
  if (!second.taints) {
    return;
  }
  const auto before = first.keys.value_or(std::vector<std::string>());
  auto keys = before;
  for (const auto& key : second.keys.value_or(std::vector<std::string>())) {
    if (!contains(before, key)) {
      keys.push_back(key);
    }
  }
  auto taints = first.taints.value_or(std::vector<Taint>());
  for (const auto& taint : *second.taints) {
    if (!contains(before, taint.key)) {
      taints.push_back(taint);
    }
  }
  first.keys = std::move(keys);
  first.taints = std::move(taints);
}

// Every entry with taints has keys of its own afterwards.
void spread_keys(Desired& desired) {
  for (auto& [name, node] : desired.nodes) {
    if (node.taints && !node.keys) {
      node.keys = desired.keys;
    }
  }
  desired.keys.clear();
}

std::string list_text(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const auto& word : words) {
    quoted.push_back(json_string(word));
  }
  return "[" + join(quoted, ", ") + "]";
}

std::string entry_text(const std::string& name, const DesiredNode& node) {
  std::vector<std::string> parts;
  if (node.taints) {
    std::vector<std::string> taints;
    for (const auto& taint : *node.taints) {
      taints.push_back(to_string(taint));
    }
    parts.push_back("keys: " + list_text(node.keys.value_or(std::vector<std::string>())));
    parts.push_back("taints: " + list_text(taints));
  }
  std::vector<std::string> labels;
  for (const auto& [key, value] : node.labels) {
    labels.push_back(json_string(key) + ": " + (value ? json_string(*value) : "null"));
  }
  if (!labels.empty()) {
    parts.push_back("labels: {" + join(labels, ", ") + "}");
  }
  return "  " + json_string(name) + ": {" + join(parts, ", ") + "}\n";
}

}  // namespace

Result<Desired> parse_desired(std::string_view text, const std::string& file) {
  MARVEL_TRY(const auto documents, deploy::read_yaml(text, file));
  if (documents.size() != 1) {
    return fail({Errc::kInput,
                 file + ": expected one document, found " + std::to_string(documents.size()),
                 "see 'man marvel-taint' for the format",
                 {},
                 "manifest_invalid"});
  }
  return DesiredReader(file).read(documents.front());
}

Edit edit_to(const scheduling::Node& node, const DesiredNode& desired,
             const std::vector<std::string>& keys) {
  Request request;
  if (desired.taints) {
    const auto decided = desired.keys.value_or(keys);
    request.add = *desired.taints;
    for (const Taint& taint : node.taints) {
      const bool wanted = std::any_of(request.add.begin(), request.add.end(),
                                      [&](const Taint& one) { return same_identity(one, taint); });
      if (contains(decided, taint.key) && !wanted) {
        request.remove.push_back({taint.key, taint.effect});
      }
    }
  }
  Edit made = edit(node, request, {.overwrite = true});
  made.labels = label_changes(node, desired.labels);
  if (!made.writes() && !made.labels.empty()) {
    made.outcome = Outcome::kModified;
  }
  return made;
}

Desired way_back(const std::vector<NodeResult>& results) {
  Desired back;
  for (const auto& result : results) {
    if (!result.edit.writes()) {
      continue;
    }
    // With or without an error: a node whose answer was lost may have been changed.
    DesiredNode node = way_back_of(result);
    if (node.taints || !node.labels.empty()) {
      back.nodes[result.node] = std::move(node);
    }
  }
  return back;
}

Desired joined(Desired first, const Desired& second) {
  spread_keys(first);
  Desired more = second;
  spread_keys(more);
  for (auto& [name, node] : more.nodes) {
    const auto [at, is_new] = first.nodes.try_emplace(name, node);
    if (!is_new) {
      join_node(at->second, node);
    }
  }
  return first;
}

std::string file_text(const Desired& way_back) {
  std::string text = "# Takes nodes back: marvel taint apply -f THIS_FILE\nnodes:\n";
  for (const auto& [name, node] : way_back.nodes) {
    text += entry_text(name, node);
  }
  return text;
}

Result<std::vector<NodeResult>> apply_desired(const std::shared_ptr<kube::Connection>& connection,
                                              const Desired& desired, DryRun dry_run) {
  std::map<std::string, const DesiredNode*> plan;
  for (const auto& [name, node] : desired.nodes) {
    plan[name] = &node;
  }
  kube::Client client(connection);
  for (const auto& [selector, wanted] : desired.selectors) {
    MARVEL_TRY(const auto nodes, list_nodes(client, selector));
    for (const auto& node : nodes) {
      if (!plan.emplace(node.name, &wanted).second) {
        return fail({Errc::kInput,
                     "node " + node.name + " is described twice, once by selector " + selector,
                     "let each node be named or selected once",
                     {},
                     "manifest_invalid"});
      }
    }
  }
  Selection selection;
  for (const auto& entry : plan) {
    selection.names.push_back(entry.first);
  }
  if (selection.names.empty()) {
    return std::vector<NodeResult>();
  }
  return write_nodes(
      connection, selection,
      [&](const scheduling::Node& node) {
        // There is one: write_nodes hands over no node but those that were asked for.
        return edit_to(node, *plan.at(node.name), desired.keys);
      },
      dry_run);
}

}  // namespace marvel::taint
