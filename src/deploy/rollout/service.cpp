#include "deploy/rollout/service.hpp"

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/rollout/sha256.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

constexpr std::size_t kLongestName = 50;  // room for "marvel-" and ".v123" in 63

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (const auto& word : split(list, ',')) {
    if (!word.empty()) {
      words.push_back(word);
    }
  }
  return words;
}

}  // namespace

std::string applyset_id(std::string_view name, std::string_view space, std::string_view kind,
                        std::string_view group) {
  std::string text(name);
  for (const auto part : {space, kind, group}) {
    text += "." + std::string(part);
  }
  return "applyset-" + base64_url_encode(sha256(text)) + "-v1";
}

std::string parent_name(const std::string& service) {
  return "marvel-" + service;
}

std::string inventory_id(const Inventory& inventory) {
  return applyset_id(parent_name(inventory.name), inventory.space, "Secret", "");
}

Status check_service_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
  };
  if (name.empty() || name.size() > kLongestName || name.front() == '-' || name.back() == '-' ||
      !std::all_of(name.begin(), name.end(), allowed)) {
    return fail({Errc::kUsage,
                 "'" + name + "' cannot name a service",
                 "use at most 50 of a-z, 0-9 and '-', as in --name grn-vad",
                 {},
                 "value_invalid"});
  }
  return {};
}

json parent_object(const Inventory& inventory) {
  json labels = {{kIdLabel, inventory_id(inventory)}, {kServiceLabel, inventory.name}};
  if (!inventory.origin.empty()) {
    labels[kTemplateLabel] = inventory.origin;
  }
  json annotations = {{kToolingAnnotation, "marvel/" + std::string(version_number())},
                      {kKindsAnnotation, join(inventory.kinds, ",")},
                      {kRevisionAnnotation, std::to_string(inventory.revision)}};
  if (!inventory.spaces.empty()) {
    annotations[kSpacesAnnotation] = join(inventory.spaces, ",");
  }
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "marvel/service"},
          {"metadata",
           {{"name", parent_name(inventory.name)},
            {"namespace", inventory.space},
            {"labels", labels},
            {"annotations", annotations}}}};
}

Result<Inventory> inventory_from(const json& parent) {
  Inventory inventory;
  const json& metadata = kube::field(parent, {"metadata"});
  inventory.name = text(metadata, {"labels", kServiceLabel});
  inventory.space = text(metadata, {"namespace"});
  inventory.origin = text(metadata, {"labels", kTemplateLabel});
  const std::string name = text(metadata, {"name"});
  const std::string tooling = text(metadata, {"annotations", kToolingAnnotation});
  if (tooling.rfind("marvel/", 0) != 0 || name != parent_name(inventory.name)) {
    return fail(Errc::kConflict,
                "Secret " + inventory.space + "/" + name + " belongs to '" +
                    (tooling.empty() ? "nobody we know" : tooling) + "', not to marvel",
                "choose another --name");
  }
  if (text(metadata, {"labels", kIdLabel}) != inventory_id(inventory)) {
    return fail(Errc::kConflict,
                "Secret " + inventory.space + "/" + name + " carries the id of another set",
                "it was copied or changed by hand; delete it, or choose another --name");
  }
  inventory.kinds = words_of(text(metadata, {"annotations", kKindsAnnotation}));
  inventory.spaces = words_of(text(metadata, {"annotations", kSpacesAnnotation}));
  const auto revision = parse_integer(text(metadata, {"annotations", kRevisionAnnotation}));
  inventory.revision = revision && *revision > 0 && *revision < 1'000'000 ? static_cast<int>(*revision) : 0;
  return inventory;
}

}  // namespace marvel::rollout
