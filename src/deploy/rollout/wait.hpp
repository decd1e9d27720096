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

namespace marvel::rollout {

// A pod that belongs to a member and will not run as it is.
struct PodTrouble {
  std::string pod;               // "namespace/name"
  std::string cause;             // in words
  std::vector<std::string> log;  // the last lines of its container's last run, where there are any
};

struct MemberState {
  ObjectRef ref;
  Readiness readiness;
  std::vector<PodTrouble> troubles;
};

struct ServiceState {
  Inventory inventory;
  std::vector<MemberState> members;

  // Whether some pods' readiness says only that they have started.
  bool unprobed = false;

  [[nodiscard]] bool ready() const;
  // Something has definitely failed.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::size_t ready_count() const;
};

struct WaitRules {
  ReadinessRules readiness;
  // A pod that no node takes is a failure when it is so for this long.
  std::int64_t unschedulable_seconds = 15;
  // How long pods without a readiness probe must stay up to count as ready: they are called so from
  // the moment they start, even if they crash in the next.
  std::chrono::milliseconds settle{2000};
};

// The service as it is now: every member, and the pods of its workloads.
Result<ServiceState> read_state(kube::Client& client, kube::Discovery& discovery,
                                const Inventory& inventory, const WaitRules& rules);

// Reads the state again and again until the service is ready and stays so for `settle` where it has
// pods that nobody probes, something has failed for good (two
// looks in a row), or `limit` is over; the last state tells which. Passing troubles of the server
// are waited out.
Result<ServiceState> wait_for(const std::shared_ptr<kube::Connection>& connection,
                              const Inventory& inventory, const WaitRules& rules,
                              std::chrono::milliseconds limit, Context& context);

}  // namespace marvel::rollout
