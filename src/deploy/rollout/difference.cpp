#include "deploy/rollout/difference.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

constexpr std::size_t kMostChanges = 1000;

class Comparison {
 public:
  explicit Comparison(bool secret) : secret_(secret) {}

  void compare(const std::string& path, const json& before, const json& after) {
    if (before == after || changes_.size() >= kMostChanges) {
      return;
    }
    if (before.is_object() && after.is_object()) {
      compare_maps(path, before, after);
    } else if (before.is_array() && after.is_array()) {
      compare_lists(path, before, after);
    } else {
      changes_.push_back({path, shown(path, before), shown(path, after)});
    }
  }

  std::vector<FieldChange> take() { return std::move(changes_); }

 private:
  void compare_maps(const std::string& path, const json& before, const json& after) {
    static const json kNone;
    std::set<std::string> keys;
    for (const json* side : {&before, &after}) {
      for (const auto& entry : side->items()) {
        keys.insert(entry.key());
      }
    }
    for (const auto& key : keys) {
      const bool plain = key.find_first_of("./[") == std::string::npos;
      const auto old = before.find(key);
      const auto now = after.find(key);
      compare(path + (plain ? "." + key : "[" + key + "]"), old == before.end() ? kNone : *old,
              now == after.end() ? kNone : *now);
    }
  }

  // Whether every item of both lists has a name of its own.
  static bool named(const json& before, const json& after) {
    for (const json* list : {&before, &after}) {
      std::set<std::string> names;
      for (const auto& item : *list) {
        const std::string name = kube::text(item, {"name"});
        if (name.empty() || !names.insert(name).second) {
          return false;
        }
      }
    }
    return true;
  }

  static const json& item_named(const json& list, const std::string& name) {
    static const json kNone;
    const auto found = std::find_if(list.begin(), list.end(), [&name](const json& item) {
      return kube::text(item, {"name"}) == name;
    });
    return found == list.end() ? kNone : *found;
  }

  void compare_lists(const std::string& path, const json& before, const json& after) {
    static const json kNone;
    if (named(before, after)) {
      std::set<std::string> names;
      for (const json* list : {&before, &after}) {
        for (const auto& item : *list) {
          names.insert(kube::text(item, {"name"}));
        }
      }
      for (const auto& name : names) {
        compare(path + "[name=" + name + "]", item_named(before, name), item_named(after, name));
      }
      return;
    }
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      compare(path + "[" + std::to_string(i) + "]", i < before.size() ? before[i] : kNone,
              i < after.size() ? after[i] : kNone);
    }
  }

  [[nodiscard]] std::string shown(const std::string& path, const json& value) const {
    if (value.is_null()) {
      return {};
    }
    const bool hidden = secret_ && (path.empty() || path.rfind(".data", 0) == 0 ||
                                    path.rfind(".stringData", 0) == 0);
    return hidden ? "********" : kube::json_text(value);
  }

  bool secret_;
  std::vector<FieldChange> changes_;
};

json without_server_fields(json object) {
  if (object.is_object()) {
    object.erase("status");
    if (const auto metadata = object.find("metadata");
        metadata != object.end() && metadata->is_object()) {
      for (const char* name :
           {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"}) {
        metadata->erase(name);
      }
    }
  }
  return object;
}

}  // namespace

std::vector<FieldChange> differences(const json& before, const json& after) {
  const bool secret =
      kube::text(before, {"kind"}) == "Secret" || kube::text(after, {"kind"}) == "Secret";
  Comparison comparison(secret);
  comparison.compare("", without_server_fields(before), without_server_fields(after));
  return comparison.take();
}

}  // namespace marvel::rollout
