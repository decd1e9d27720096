#pragma once

#include "base/context.hpp"
#include "base/result.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/members.hpp"
#include "deploy/rollout/readiness.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::rollout {

// A pod that belongs to a member and will not run as it is. Programs print what they were given, so
// `log` and `cause` may hold secrets: whoever shows them masks those (deploy::masked).
struct PodTrouble {
  std::string pod;    // "namespace/name"
  std::string cause;  // in words
  // The last lines of its container's last run, where there are any: five, of 500 bytes at most.
  // None of a pod of an old revision: nobody knows what its secrets were.
  std::vector<std::string> log;
};

// A member and how it is; what is wrong with at most five of its pods, since the others mostly fail
// for the same cause.
struct MemberState {
  ObjectRef ref;
  Readiness readiness;
  std::vector<PodTrouble> troubles;
  std::shared_ptr<const nlohmann::json> object;  // as it was read; null for one that is missing
};

// One look at a service: its members, then what the last run wanted and is not there.
struct ServiceState {
  Inventory inventory;
  std::vector<MemberState> members;

  // Whether some pods' readiness says only that they have started: they have a container without a
  // readiness or startup probe. Pods of Jobs do not count, which nobody asks whether they answer.
  bool unprobed = false;

  // All members are ready, none is missing, and the last run came to its end; true of a service
  // without any.
  [[nodiscard]] bool ready() const;
  // Something has definitely failed: a member itself, or a pod of one that is not ready; or it is
  // missing.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::size_t ready_count() const;
};

// What counts as ready and as failed.
struct WaitRules {
  ReadinessRules readiness;
  // A pod that no node takes is a failure when it is so for this long.
  std::int64_t unschedulable_seconds = 15;
  // How long pods without a readiness probe must stay up to count as ready: they are called so from
  // the moment they start, even if they crash in the next.
  std::chrono::milliseconds settle{2000};
};

// The service as it is now: every member, and the pods of its workloads. Pods are looked at only
// for members that are not ready; a service that runs costs one list for each kind and namespace.
// Where the inventory does not say what was wanted, the revision that runs is read for it; where
// that is not kept, nobody knows what is missing.
Result<ServiceState> read_state(kube::Client& client, kube::Discovery& discovery,
                                const Inventory& inventory, const WaitRules& rules);

// Reads the inventory and the state again and again until the service is ready and stays so for
// `settle` where it has pods that nobody probes, something has failed for good (two looks in a
// row), or `limit` is over; the last state tells which. While a run that changes the service has
// not come to its end, failures do not count, because it may mend them; when its lease is gone with
// no end, nothing is left to wait for. Passing troubles of the server are waited out; when time is
// over they are the error. Looks come 100 ms apart at first and a second apart at last. kNotFound
// when the service is deleted meanwhile. kFailed with the reason "interrupted" after a stop; the
// cluster goes on by itself then.
Result<ServiceState> wait_for(const std::shared_ptr<kube::Connection>& connection,
                              const Inventory& inventory, const WaitRules& rules,
                              std::chrono::milliseconds limit, Context& context);

}  // namespace marvel::rollout
