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

// The definition of a kind among `objects`, or null.
const deploy::Object* definition_of(const std::vector<deploy::Object>& objects,
                                    const std::string& api_version, const std::string& kind) {
  const auto found =
      std::find_if(objects.begin(), objects.end(), [&](const deploy::Object& object) {
        const json& body = object.body();
        return object.kind() == "CustomResourceDefinition" &&
               text(body, {"spec", "names", "kind"}) == kind &&
               api_version.rfind(text(body, {"spec", "group"}) + "/", 0) == 0;
      });
  return found == objects.end() ? nullptr : &*found;
}

// Until the definition is in place only what it says itself is known. The next run, which asks the
// server, must come to the same body.
kube::Resource placeholder(const std::string& api_version, const std::string& kind,
                           const deploy::Object& definition) {
  kube::Resource resource = resource_named(api_version, kind);
  resource.namespaced = text(definition.body(), {"spec", "scope"}) != "Cluster";
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
  const deploy::Object* definition = definition_of(all, object.api_version(), object.kind());
  if (definition == nullptr) {
    return refuse(object, "cannot be applied: " + resource.error().message, resource.error().hint);
  }
  wanted.ref.resource = placeholder(object.api_version(), object.kind(), *definition);
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

// What `kubectl get -o yaml` shows of an object and nobody can wish for. A version that is sent
// along is a guard: the second apply would be refused.
void erase_server_fields(json& body) {
  for (const char* field :
       {"managedFields", "creationTimestamp", "resourceVersion", "uid", "generation", "selfLink",
        "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    body["metadata"].erase(field);
  }
  body.erase("status");
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
  erase_server_fields(body);
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

kube::Resource resource_named(const std::string& api_version, const std::string& kind) {
  kube::Resource resource;
  const auto slash = api_version.find('/');
  resource.group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  resource.version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  resource.kind = kind;
  resource.namespaced = true;
  return resource;
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
  std::vector<ObjectRef> refs;
  for (const auto& one : wanted) {
    refs.push_back(one.ref);
  }
  return extended(std::move(inventory), refs);
}

Inventory extended(Inventory inventory, const std::vector<ObjectRef>& refs) {
  std::set<std::string> kinds(inventory.kinds.begin(), inventory.kinds.end());
  std::set<std::string> spaces(inventory.spaces.begin(), inventory.spaces.end());
  for (const auto& ref : refs) {
    kinds.insert(ref.resource.group_kind());
    if (!ref.space.empty() && ref.space != inventory.space) {
      spaces.insert(ref.space);
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

std::vector<ObjectName> names_of(const std::vector<Wanted>& wanted) {
  std::vector<ObjectName> names;
  for (const auto& one : wanted) {
    if (!goes_by_itself(json::parse(one.body))) {
      const ObjectRef& ref = one.ref;
      names.push_back({ref.resource.api_version(), ref.resource.kind, ref.space, ref.name});
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

HiddenPlaces places_of(const std::vector<Wanted>& wanted) {
  HiddenPlaces places;
  for (const auto& one : wanted) {
    if (!one.hidden.empty()) {
      places[one.ref.text()] = one.hidden;
    }
  }
  return places;
}

void note_wanted(Inventory& inventory, const std::vector<Wanted>& wanted) {
  inventory.wanted = names_of(wanted);
  for (const auto& [object, hidden] : places_of(wanted)) {
    inventory.hidden[object].insert(hidden.begin(), hidden.end());
  }
}

bool says_else(const Inventory& inventory, const Inventory& stored) {
  return inventory.unfinished != stored.unfinished || inventory.kinds != stored.kinds ||
         inventory.spaces != stored.spaces || inventory.wanted != stored.wanted ||
         inventory.hidden != stored.hidden;
}

bool goes_by_itself(const json& object) {
  return text(object, {"kind"}) == "Job" &&
         !kube::field(object, {"spec", "ttlSecondsAfterFinished"}).is_null();
}

}  // namespace marvel::rollout
