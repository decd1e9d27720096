#include "deploy/rollout/follow_pods.hpp"

#include "deploy/kube/discovery.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/watch.hpp"
#include "deploy/rollout/members.hpp"
#include "net/url.hpp"

#include <chrono>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using kube::Change;
using nlohmann::json;

class Follower {
 public:
  Follower(const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
           const OnPods& take, const StopFlag& stop)
      : watcher_(connection, stop),
        reader_(connection, stop),
        discovery_(reader_),
        inventory_(inventory),
        take_(take) {}

  Status run(const std::string& space) {
    return kube::list_and_watch(
        watcher_, "/api/v1/namespaces/" + net::percent_encode(space) + "/pods", {},
        std::chrono::steady_clock::time_point::max(),
        [this](Change change, const json& pod) -> Result<bool> {
          MARVEL_TRY_STATUS(hear(change, pod));
          return true;
        },
        "following the pods of " + space);
  }

 private:
  Status hear(Change change, const json& pod) {
    switch (change) {
      case Change::kReset:
        listed_.clear();
        is_listing_ = true;
        strangers_.clear();
        return {};
      case Change::kSynced:
        return take_listed();
      case Change::kDeleted:
        strangers_.erase(uid_of(pod));
        return {};
      case Change::kAdded:
      case Change::kModified:
        break;
    }
    if (is_listing_) {
      listed_.push_back(pod);
      return {};
    }
    MARVEL_TRY(const bool ours, is_ours(pod));
    return ours ? take_({pod}) : Status();
  }

  // The list is complete; what comes from now on is news.
  Status take_listed() {
    MARVEL_TRY(members_, list_members(reader_, discovery_, inventory_));
    Pods ours;
    for (json& pod : std::exchange(listed_, {})) {
      if (is_of(members_, pod)) {
        ours.push_back(std::move(pod));
      } else {
        strangers_.insert(uid_of(pod));
      }
    }
    is_listing_ = false;
    return take_(ours);
  }

  // A pod that nobody we know has made may be of a workload that is new.
  Result<bool> is_ours(const json& pod) {
    if (strangers_.count(uid_of(pod)) > 0) {
      return false;
    }
    if (!is_of(members_, pod)) {
      MARVEL_TRY(members_, list_members(reader_, discovery_, inventory_));
    }
    const bool ours = is_of(members_, pod);
    if (!ours) {
      strangers_.insert(uid_of(pod));
    }
    return ours;
  }

  static std::string uid_of(const json& pod) { return kube::text(pod, {"metadata", "uid"}); }

  kube::Client watcher_;
  kube::Client reader_;  // a watch keeps its connection
  kube::Discovery discovery_;
  const Inventory& inventory_;
  const OnPods& take_;
  std::vector<Member> members_;
  std::set<std::string> strangers_;  // uids of pods that are of no member
  bool is_listing_ = true;
  Pods listed_;  // so far
};

}  // namespace

Status follow_pods(const std::shared_ptr<kube::Connection>& connection, const Inventory& inventory,
                   const std::string& space, const OnPods& take, const StopFlag& stop) {
  Status ended = Follower(connection, inventory, take, stop).run(space);
  return stop.raised() ? Status() : std::move(ended);
}

}  // namespace marvel::rollout
