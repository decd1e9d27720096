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

const json& none() {
  static const json kNone;
  return kNone;
}

// One side of a comparison: the value, and the same as it may be shown. Both have the same shape
// down to where something is hidden.
struct Side {
  const json* value = &none();
  const json* shown = &none();

  [[nodiscard]] Side key(const std::string& key) const {
    const auto found = value->find(key);
    return found == value->end() ? Side() : Side{&*found, part(found.key())};
  }
  [[nodiscard]] Side item(std::size_t index) const {
    if (index >= value->size()) {
      return {};
    }
    return {&(*value)[index], shown->is_array() ? &(*shown)[index] : shown};
  }
  [[nodiscard]] Side item_named(const std::string& name) const {
    for (std::size_t i = 0; i < value->size(); ++i) {
      if (kube::text((*value)[i], {"name"}) == name) {
        return item(i);
      }
    }
    return {};
  }

 private:
  // Below something hidden nothing else is shown.
  [[nodiscard]] const json* part(const std::string& key) const {
    return shown->is_object() ? &*shown->find(key) : shown;
  }
};

class Comparison {
 public:
  explicit Comparison(bool secret) : secret_(secret) {}

  void compare(const std::string& path, const Side& before, const Side& after) {
    if (*before.value == *after.value || changes_.size() >= kMostChanges) {
      return;
    }
    if (before.value->is_object() && after.value->is_object()) {
      compare_maps(path, before, after);
    } else if (before.value->is_array() && after.value->is_array()) {
      compare_lists(path, before, after);
    } else {
      changes_.push_back({path, text(path, before), text(path, after)});
    }
  }

  std::vector<FieldChange> take() { return std::move(changes_); }

 private:
  void compare_maps(const std::string& path, const Side& before, const Side& after) {
    std::set<std::string> keys;
    for (const Side* side : {&before, &after}) {
      for (const auto& entry : side->value->items()) {
        keys.insert(entry.key());
      }
    }
    for (const auto& key : keys) {
      compare(deploy::path_of_key(path, key), before.key(key), after.key(key));
    }
  }

  void compare_lists(const std::string& path, const Side& before, const Side& after) {
    if (deploy::has_named_items(*before.value) && deploy::has_named_items(*after.value)) {
      std::set<std::string> names;
      for (const Side* side : {&before, &after}) {
        for (const auto& item : *side->value) {
          names.insert(kube::text(item, {"name"}));
        }
      }
      for (const auto& name : names) {
        compare(path + "[name=" + name + "]", before.item_named(name), after.item_named(name));
      }
      return;
    }
    for (std::size_t i = 0; i < std::max(before.value->size(), after.value->size()); ++i) {
      compare(path + "[" + std::to_string(i) + "]", before.item(i), after.item(i));
    }
  }

  [[nodiscard]] std::string text(const std::string& path, const Side& side) const {
    if (side.value->is_null()) {
      return {};
    }
    const bool hidden = secret_ && (path.empty() || path.rfind(".data", 0) == 0 ||
                                    path.rfind(".stringData", 0) == 0);
    return hidden ? "********" : kube::json_text(*side.shown);
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

std::vector<std::string> texts_of(const json& before, const json& after,
                                  const deploy::Hidden& hidden) {
  std::vector<std::string> texts = deploy::hidden_texts(before, hidden);
  const std::vector<std::string> more = deploy::hidden_texts(after, hidden);
  texts.insert(texts.end(), more.begin(), more.end());
  return texts;
}

// A secret may have moved: from one argument to the next, or into a field that others wrote.
json shown(json value, const deploy::Hidden& hidden, const std::vector<std::string>& texts) {
  deploy::hide(value, hidden);
  deploy::mask_texts(value, texts);
  return value;
}

}  // namespace

std::vector<FieldChange> differences(const json& before, const json& after,
                                     const deploy::Hidden& hidden) {
  const bool secret =
      kube::text(before, {"kind"}) == "Secret" || kube::text(after, {"kind"}) == "Secret";
  const json old_value = without_server_fields(before);
  const json new_value = without_server_fields(after);
  const std::vector<std::string> texts = texts_of(old_value, new_value, hidden);
  const json old_shown = shown(old_value, hidden, texts);
  const json new_shown = shown(new_value, hidden, texts);
  Comparison comparison(secret);
  comparison.compare("", {&old_value, &old_shown}, {&new_value, &new_shown});
  return comparison.take();
}

}  // namespace marvel::rollout
