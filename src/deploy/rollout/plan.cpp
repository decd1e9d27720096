#include "deploy/rollout/plan.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/rollout/old_servers.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::text;
using nlohmann::json;

tl::unexpected<Error> refuse(const deploy::Object& object, const std::string& what,
                             const std::string& hint) {
  return fail(
      {Errc::kInput,
       deploy::describe(object.file(), object.position()) + ": " + object.label() + " " + what,
       hint,
       {},
       "manifest_invalid"});
}

bool defines(const std::vector<deploy::Object>& objects, const std::string& api_version,
             const std::string& kind) {
  return std::any_of(objects.begin(), objects.end(), [&](const deploy::Object& object) {
    const json& body = object.body();
    return object.kind() == "CustomResourceDefinition" &&
           text(body, {"spec", "names", "kind"}) == kind &&
           api_version.rfind(text(body, {"spec", "group"}) + "/", 0) == 0;
  });
}

// Until the definition is in place only the names are known.
kube::Resource placeholder(const std::string& api_version, const std::string& kind) {
  kube::Resource resource;
  const auto slash = api_version.find('/');
  resource.group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  resource.version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  resource.kind = kind;
  resource.namespaced = true;
  return resource;
}

Status find_kind(const deploy::Object& object, const std::vector<deploy::Object>& all,
                 kube::Discovery& discovery, Wanted& wanted) {
  auto resource = discovery.find(object.api_version(), object.kind());
  if (resource) {
    wanted.ref.resource = std::move(*resource);
    return {};
  }
  if (resource.error().reason != "not_found") {
    return fail(resource.error());
  }
  if (!defines(all, object.api_version(), object.kind())) {
    return refuse(object, "cannot be applied: " + resource.error().message, resource.error().hint);
  }
  wanted.ref.resource = placeholder(object.api_version(), object.kind());
  wanted.unknown_kind = true;
  return {};
}

// The label of the set is written into them.
Status check_labels(const deploy::Object& object) {
  const json& labels = kube::field(object.body(), {"metadata", "labels"});
  return labels.is_null() || labels.is_object()
             ? Status()
             : refuse(object, "has labels that are no mapping", "write them as NAME: value");
}

Result<Wanted> prepare_one(const deploy::Object& object, const std::vector<deploy::Object>& all,
                           const Inventory& inventory, kube::Discovery& discovery) {
  Wanted wanted;
  wanted.where = deploy::describe(object.file(), object.position());
  wanted.hidden = object.hidden();
  wanted.ref.name = object.name();
  if (wanted.ref.name.empty()) {
    return refuse(object, "has no name",
                  "give it metadata.name; generateName cannot be applied twice");
  }
  MARVEL_TRY_STATUS(check_labels(object));
  json body = object.body();
  if (!text(body, {"metadata", "labels", kPartOfLabel}).empty()) {
    return refuse(object, std::string("carries the label ") + kPartOfLabel,
                  "take it out: marvel sets it");
  }
  MARVEL_TRY_STATUS(find_kind(object, all, discovery, wanted));
  if (wanted.ref.resource.namespaced) {
    wanted.ref.space = object.space().empty() ? inventory.space : object.space();
    body["metadata"]["namespace"] = wanted.ref.space;
  }
  body["metadata"]["labels"][kPartOfLabel] = inventory.id;
  body["metadata"].erase("managedFields");
  body["metadata"].erase("creationTimestamp");
  body.erase("status");
  write_for_old_servers(body);
  wanted.body = kube::json_text(body);
  return wanted;
}

bool owned_by_another(const json& object) {
  for (const auto& owner : kube::field(object, {"metadata", "ownerReferences"})) {
    if (kube::flag(owner, {"controller"})) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string ObjectRef::text() const {
  return resource.kind + " " + (space.empty() ? "" : space + "/") + name;
}

bool ObjectRef::same_object(const ObjectRef& other) const {
  return name == other.name && space == other.space && resource.kind == other.resource.kind &&
         resource.group == other.resource.group;
}

int step_of(const std::string& kind) {
  constexpr std::array kNeeded{
      "ServiceAccount", "Secret",     "ConfigMap",     "PersistentVolume", "PersistentVolumeClaim",
      "StorageClass",   "Role",       "ClusterRole",   "RoleBinding",      "ClusterRoleBinding",
      "ResourceQuota",  "LimitRange", "PriorityClass", "Service",          "NetworkPolicy"};
  if (kind == "Namespace") {
    return 0;
  }
  if (kind == "CustomResourceDefinition") {
    return 1;
  }
  return std::find(kNeeded.begin(), kNeeded.end(), kind) != kNeeded.end() ? 2 : 3;
}

Result<std::vector<Wanted>> prepare(const std::vector<deploy::Object>& objects,
                                    const Inventory& inventory, kube::Discovery& discovery) {
  std::vector<Wanted> all;
  std::set<std::string> seen;
  for (const auto& object : objects) {
    MARVEL_TRY(Wanted wanted, prepare_one(object, objects, inventory, discovery));
    if (!seen.insert(wanted.ref.resource.group + "/" + wanted.ref.text()).second) {
      return refuse(object, "stands there twice", "keep one of them");
    }
    all.push_back(std::move(wanted));
  }
  std::stable_sort(all.begin(), all.end(), [](const Wanted& a, const Wanted& b) {
    return step_of(a.ref.resource.kind) < step_of(b.ref.resource.kind);
  });
  return all;
}

std::vector<Member> surplus(const std::vector<Member>& members, const std::vector<Wanted>& wanted) {
  std::vector<Member> rest;
  for (const auto& member : members) {
    const bool stays = std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& one) {
      return one.ref.same_object(member.ref);
    });
    if (!stays) {
      rest.push_back(member);
    }
  }
  std::stable_sort(rest.begin(), rest.end(), [](const Member& a, const Member& b) {
    return step_of(a.ref.resource.kind) > step_of(b.ref.resource.kind);
  });
  return rest;
}

Status check_prunable(const std::vector<Member>& members) {
  for (const auto& member : members) {
    if (owned_by_another(*member.object)) {
      return fail(Errc::kConflict,
                  member.ref.text() + " is to be pruned but belongs to a controller",
                  "take the label " + std::string(kPartOfLabel) + " off it, or use --no-prune");
    }
  }
  return {};
}

Inventory extended(Inventory inventory, const std::vector<Wanted>& wanted) {
  std::set<std::string> kinds(inventory.kinds.begin(), inventory.kinds.end());
  std::set<std::string> spaces(inventory.spaces.begin(), inventory.spaces.end());
  for (const auto& one : wanted) {
    kinds.insert(one.ref.resource.group_kind());
    if (!one.ref.space.empty() && one.ref.space != inventory.space) {
      spaces.insert(one.ref.space);
    }
  }
  inventory.kinds.assign(kinds.begin(), kinds.end());
  inventory.spaces.assign(spaces.begin(), spaces.end());
  return inventory;
}

Inventory exact(Inventory inventory, const std::vector<Wanted>& wanted) {
  inventory.kinds.clear();
  inventory.spaces.clear();
  return extended(std::move(inventory), wanted);
}

}  // namespace marvel::rollout
