#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/plan.hpp"
#include "deploy/rollout/pods.hpp"

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// Which pods were made for a workload as its spec is now. While a workload is replaced, pods of the
// revision before still run, crash or wait, and carry the same labels; what is wrong with those
// says nothing of the new ones.

// How to know the pods of one revision. Nothing matches an empty owner, which is the mark of a
// workload that has made no pods yet.
struct RevisionMark {
  std::string owner;  // uid of the controller that makes them
  std::string hash;   // their label controller-revision-hash; empty where it does not matter
  bool operator==(const RevisionMark&) const = default;
};
// Whether `pod` is of that revision: its controller, and its label where the mark has one.
bool carries(const nlohmann::json& pod, const RevisionMark& mark);

// A Deployment's pods are those of its ReplicaSet with the highest revision (the annotation
// deployment.kubernetes.io/revision). After a rollback that is an old ReplicaSet with a new number.
RevisionMark newest_mark(const nlohmann::json& deployment,
                         const std::vector<nlohmann::json>& replica_sets);
// Of another workload, by the hash in the label controller-revision-hash: a StatefulSet's is in its
// status, a DaemonSet's is that of its newest ControllerRevision. Other kinds have no revisions:
// the owner alone counts.
RevisionMark workload_mark(const nlohmann::json& workload,
                           const std::vector<nlohmann::json>& controller_revisions);

// Whether an old pod keeps a StatefulSet from its new revision. One that makes its pods in order
// (OrderedReady) goes on only when every pod that is there is ready, so a broken one stays until
// somebody deletes it. Never with a partition or OnDelete, where old pods stay on purpose.
bool is_in_the_way(const nlohmann::json& pod, const nlohmann::json& stateful_set);

// One look at a cluster: each list is read when it is first asked for, and kept. So make a new one
// for a new look. `client` must outlive it and belongs to the same thread.
class NewestPods {
 public:
  explicit NewestPods(kube::Client& client) : client_(client) {}

  // The pods of `member` as its spec is now; a Pod is its own, and a CronJob has those of all its
  // runs. Valid as long as this and `member` are.
  Result<std::vector<const nlohmann::json*>> of(const Member& member);
  // Those of older revisions that keep a StatefulSet from its new one; none for other kinds.
  Result<std::vector<const nlohmann::json*>> in_the_way(const Member& member);

 private:
  Result<RevisionMark> mark_of(const Member& member);
  Result<const std::vector<nlohmann::json>*> list(const std::string& folder,
                                                  const std::string& space,
                                                  const std::string& plural);

  kube::Client& client_;
  std::map<std::string, std::vector<nlohmann::json>> lists_;  // by path
};

}  // namespace marvel::rollout
