#pragma once

#include "base/result.hpp"
#include "base/stop.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/pods.hpp"
#include "deploy/rollout/service.hpp"

#include <functional>
#include <memory>
#include <string>

namespace marvel::rollout {

// Gets pods of a service: all that there are at once, then each alone as it comes or changes. After
// a gap, such as a server that has forgotten the place, all of them come again. Pods that go are
// not told. Called in the thread of follow_pods; a passing failure (kUnavailable) is no end: the
// same pods come again.
using OnPods = std::function<Status(const Pods& pods)>;

// Watches the pods of a service in one namespace until `stop` is raised, which is no failure. Fails
// when the server refuses or cannot be reached for 30 s, and with what `take` fails with. Pods of
// workloads that come later are seen, as long as the inventory has their kind.
//
// Takes two connections: one is busy with the watch, the other reads the members when a pod comes
// that nobody known has made. Pods of others are remembered by their uid and asked about once. All
// arguments must live until it returns.
Status follow_pods(const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
                   const std::string& space, const OnPods& take, const StopFlag& stop);

}  // namespace marvel::rollout
