#include "deploy/rollout/newest_pods.hpp"

#include "base/text.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/paging.hpp"
#include "net/url.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::field;
using kube::text;
using nlohmann::json;

constexpr const char* kHashLabel = "controller-revision-hash";
constexpr const char* kRevision = "deployment.kubernetes.io/revision";

// The uid of the controller that has made an object; empty when none has.
std::string owner_of(const json& object) {
  for (const json& owner : field(object, {"metadata", "ownerReferences"})) {
    if (kube::flag(owner, {"controller"})) {
      return text(owner, {"uid"});
    }
  }
  return {};
}

std::string uid_of(const json& object) {
  return text(object, {"metadata", "uid"});
}

std::int64_t revision_of(const json& replica_set) {
  return parse_integer(text(replica_set, {"metadata", "annotations", kRevision})).value_or(0);
}

// The one of `objects` owned by `owner` for which `number` is highest, or null.
template <typename Number>
const json* newest(const std::vector<json>& objects, const std::string& owner, Number number) {
  const json* best = nullptr;
  for (const json& object : objects) {
    if (owner_of(object) == owner && (best == nullptr || number(object) > number(*best))) {
      best = &object;
    }
  }
  return best;
}

bool is_ready(const json& pod) {
  const json& conditions = field(pod, {"status", "conditions"});
  return std::any_of(conditions.begin(), conditions.end(), [](const json& one) {
    return text(one, {"type"}) == "Ready" && text(one, {"status"}) == "True";
  });
}

// What has ended its controller replaces at once.
bool has_ended(const json& pod) {
  const std::string phase = text(pod, {"status", "phase"});
  return phase == "Failed" || phase == "Succeeded";
}

// With a partition old pods stay on purpose, and one that is deleted comes back as it was.
bool replaces_all_in_order(const json& stateful_set) {
  const std::string policy = text(stateful_set, {"spec", "podManagementPolicy"});
  const std::string strategy = text(stateful_set, {"spec", "updateStrategy", "type"});
  return (policy.empty() || policy == "OrderedReady") &&
         (strategy.empty() || strategy == "RollingUpdate") &&
         kube::whole(stateful_set, {"spec", "updateStrategy", "rollingUpdate", "partition"}) == 0;
}

}  // namespace

bool carries(const json& pod, const RevisionMark& mark) {
  return !mark.owner.empty() && owner_of(pod) == mark.owner &&
         (mark.hash.empty() || text(pod, {"metadata", "labels", kHashLabel}) == mark.hash);
}

RevisionMark newest_mark(const json& deployment, const std::vector<json>& replica_sets) {
  const json* set = newest(replica_sets, uid_of(deployment), revision_of);
  return {set == nullptr ? "" : uid_of(*set), ""};
}

RevisionMark workload_mark(const json& workload, const std::vector<json>& controller_revisions) {
  RevisionMark mark{uid_of(workload), text(workload, {"status", "updateRevision"})};
  const json* revision = newest(controller_revisions, mark.owner,
                                [](const json& one) { return kube::whole(one, {"revision"}); });
  if (text(workload, {"kind"}) == "DaemonSet" && revision != nullptr) {
    mark.hash = text(*revision, {"metadata", "labels", kHashLabel});
  }
  return mark;
}

bool is_in_the_way(const json& pod, const json& stateful_set) {
  const RevisionMark mark = workload_mark(stateful_set, {});
  return !mark.hash.empty() && carries(pod, {mark.owner, ""}) && !carries(pod, mark) &&
         text(pod, {"metadata", "deletionTimestamp"}).empty() && !is_ready(pod) &&
         !has_ended(pod) && replaces_all_in_order(stateful_set);
}

Result<std::vector<const json*>> NewestPods::of(const Member& member) {
  const std::string kind = member.ref.resource.kind;
  if (kind == "Pod") {
    return std::vector<const json*>{member.object.get()};
  }
  MARVEL_TRY(const auto* pods, list("/api/v1", member.ref.space, "pods"));
  // After the pods: a set that is made meanwhile has none of them.
  MARVEL_TRY(const RevisionMark mark, mark_of(member));
  std::vector<const json*> found;
  for (const json& pod : *pods) {
    if (kind == "CronJob" ? owns(*member.object, pod) : carries(pod, mark)) {
      found.push_back(&pod);
    }
  }
  return found;
}

Result<std::vector<const json*>> NewestPods::in_the_way(const Member& member) {
  std::vector<const json*> found;
  if (member.ref.resource.kind == "StatefulSet") {
    MARVEL_TRY(const auto* pods, list("/api/v1", member.ref.space, "pods"));
    for (const json& pod : *pods) {
      if (is_in_the_way(pod, *member.object)) {
        found.push_back(&pod);
      }
    }
  }
  return found;
}

Result<RevisionMark> NewestPods::mark_of(const Member& member) {
  const std::string& kind = member.ref.resource.kind;
  if (kind == "Deployment") {
    MARVEL_TRY(const auto* sets, list("/apis/apps/v1", member.ref.space, "replicasets"));
    return newest_mark(*member.object, *sets);
  }
  if (kind == "DaemonSet") {
    MARVEL_TRY(const auto* revisions,
               list("/apis/apps/v1", member.ref.space, "controllerrevisions"));
    return workload_mark(*member.object, *revisions);
  }
  return workload_mark(*member.object, {});
}

Result<const std::vector<json>*> NewestPods::list(const std::string& folder,
                                                  const std::string& space,
                                                  const std::string& plural) {
  const std::string path = folder + "/namespaces/" + net::percent_encode(space) + "/" + plural;
  if (const auto known = lists_.find(path); known != lists_.end()) {
    return &known->second;
  }
  std::vector<json> items;
  MARVEL_TRY([[maybe_unused]] const auto end,
             kube::list_all(
                 client_, path, {},
                 [&items](const json& item) {
                   items.push_back(item);
                   return Status();
                 },
                 [&items] { items.clear(); }, "listing " + plural));
  return &lists_.emplace(path, std::move(items)).first->second;
}

}  // namespace marvel::rollout
