#pragma once

#include "base/result.hpp"
#include "deploy/kube/discovery.hpp"
#include "deploy/manifest.hpp"
#include "deploy/rollout/service.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// What is to be done, worked out before anything is written: prepare makes what will be sent out of
// the user's objects, surplus says which members go, extended and exact what the inventory says
// before and after. Only prepare asks the server, and that only for the kinds that it serves.

// Where one object of the cluster is.
struct ObjectRef {
  kube::Resource resource;
  std::string space;  // empty for objects of the whole cluster
  std::string name;

  [[nodiscard]] std::string path() const { return resource.path(space, name); }
  // "Deployment grn/web", "ClusterRole reader".
  [[nodiscard]] std::string text() const;
  // By group, kind, namespace and name: versions of one kind show the same object.
  [[nodiscard]] bool same_object(const ObjectRef& other) const;
};

// A kind of which only the name is known: without plural and verbs, and as if of namespaces.
kube::Resource resource_named(const std::string& api_version, const std::string& kind);

// An object as the user wants it. What servers write themselves (status, managedFields, uid,
// resourceVersion and their like, as `kubectl get -o yaml` shows them) is left out of the body.
struct Wanted {
  ObjectRef ref;
  std::string body;   // JSON for server-side apply, with the label of the set
  std::string where;  // "app.yaml:12:1", for messages
  // Where the body has values of secret variables.
  deploy::Hidden hidden;
  // Its kind is defined by a CustomResourceDefinition of the same run: `ref.resource` is what that
  // says, and its plural is found when that is in place.
  bool unknown_kind = false;
};

// An object as the cluster has it, with apiVersion and kind. Copies share the object.
struct Member {
  ObjectRef ref;
  std::shared_ptr<const nlohmann::json> object;
};

// Objects of these steps go first, each step when the one before is done: 0 namespaces, 1 custom
// definitions, 2 what others need (accounts, rights, configuration, volumes, services), 3 the rest.
// Deletions go the other way.
int step_of(const std::string& kind);
inline constexpr int kSteps = 4;

// What to send, in the order of the steps, and of the files within a step. Objects without a
// namespace get that of the service. kInput (reason "manifest_invalid"), with the position, for an
// object without a name, one whose labels are no mapping, one that carries a set's label already,
// one that stands there twice, and a kind that the server does not have and none of `objects`
// defines.
Result<std::vector<Wanted>> prepare(const std::vector<deploy::Object>& objects,
                                    const Inventory& inventory, kube::Discovery& discovery);

// Members that are not wanted any more, last step first. With nothing wanted, all of them.
std::vector<Member> surplus(const std::vector<Member>& members, const std::vector<Wanted>& wanted);
// kConflict for one that a controller owns: it is not ours to delete, and its maker may have
// copied the label to it.
Status check_prunable(const std::vector<Member>& members);

// The kinds and the other namespaces of what is wanted, joined with those of `inventory`: what it
// must say while old and new members are there.
Inventory extended(Inventory inventory, const std::vector<Wanted>& wanted);
// The same with objects that are not wanted and still there.
Inventory extended(Inventory inventory, const std::vector<ObjectRef>& refs);
// The same without what `inventory` had: what it says when the surplus is gone.
Inventory exact(Inventory inventory, const std::vector<Wanted>& wanted);

// What an inventory notes of the wanted objects: their names, sorted, without Jobs that the server
// deletes once they are done, and where they have secrets.
std::vector<ObjectName> names_of(const std::vector<Wanted>& wanted);
HiddenPlaces places_of(const std::vector<Wanted>& wanted);
// Makes it say what `wanted` asks for. What it says of the secrets of old members stays, until
// those are applied or pruned.
void note_wanted(Inventory& inventory, const std::vector<Wanted>& wanted);
// Whether `inventory` tells something that `stored` does not, but for the revision.
bool says_else(const Inventory& inventory, const Inventory& stored);
// Whether the server deletes the object by itself in the end: a Job with a time to live.
bool goes_by_itself(const nlohmann::json& object);

}  // namespace marvel::rollout
