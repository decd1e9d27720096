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

// Where one object of the cluster is.
struct ObjectRef {
  kube::Resource resource;
  std::string space;  // empty for objects of the whole cluster
  std::string name;

  [[nodiscard]] std::string path() const { return resource.path(space, name); }
  // "Deployment grn/web", "ClusterRole reader".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool same_object(const ObjectRef& other) const;
};

// An object as the user wants it.
struct Wanted {
  ObjectRef ref;
  std::string body;   // JSON for server-side apply, with the label of the set
  std::string where;  // "app.yaml:12:1", for messages
  deploy::Hidden hidden;
  // Its kind is defined by a CustomResourceDefinition of the same run; `ref.resource` is then
  // found when that is in place.
  bool unknown_kind = false;
};

// An object as the cluster has it.
struct Member {
  ObjectRef ref;
  std::shared_ptr<const nlohmann::json> object;
};

// Objects of these steps go first, each step when the one before is done: 0 namespaces, 1 custom
// definitions, 2 what others need (accounts, rights, configuration, volumes, services), 3 the rest.
int step_of(const std::string& kind);
inline constexpr int kSteps = 4;

// What to send, in the order of the steps. Objects without a namespace get that of the service.
// kInput, with the position, for an object without a name, one that belongs to another set, one
// that stands there twice, and a kind that the server does not have.
Result<std::vector<Wanted>> prepare(const std::vector<deploy::Object>& objects,
                                    const Inventory& inventory, kube::Discovery& discovery);

// Members that are not wanted any more, last step first.
std::vector<Member> surplus(const std::vector<Member>& members, const std::vector<Wanted>& wanted);
// kConflict for one that somebody else (a controller) owns: it is not ours to delete.
Status check_prunable(const std::vector<Member>& members);

// The kinds and the other namespaces of what is wanted, joined with those of `inventory`.
Inventory extended(Inventory inventory, const std::vector<Wanted>& wanted);
// The same without what `inventory` had.
Inventory exact(Inventory inventory, const std::vector<Wanted>& wanted);

}  // namespace marvel::rollout
