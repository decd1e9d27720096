#include "deploy/rollout/pods.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/paging.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

namespace marvel::rollout {

using kube::text;
using nlohmann::json;

bool has_pods(const std::string& kind) {
  return kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" ||
         kind == "ReplicaSet" || kind == "Job" || kind == "CronJob" || kind == "Pod";
}

namespace {

// A CronJob's pods belong to its Jobs, which are named "<cron job>-<number>".
bool is_run_of(const std::string& cron_job, const json& pod) {
  for (const json& owner : kube::field(pod, {"metadata", "ownerReferences"})) {
    const std::string job = text(owner, {"name"});
    if (text(owner, {"kind"}) == "Job" && job.starts_with(cron_job + "-") &&
        job.find_first_not_of("0123456789", cron_job.size() + 1) == std::string::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool owns(const json& workload, const json& pod) {
  if (text(workload, {"kind"}) == "Pod") {
    return text(pod, {"metadata", "uid"}) == text(workload, {"metadata", "uid"});
  }
  if (text(workload, {"kind"}) == "CronJob") {
    return is_run_of(text(workload, {"metadata", "name"}), pod);
  }
  const auto labels = kube::text_map(workload, {"spec", "selector", "matchLabels"});
  const auto own = kube::text_map(pod, {"metadata", "labels"});
  return !labels.empty() && std::all_of(labels.begin(), labels.end(), [&own](const auto& label) {
    const auto found = own.find(label.first);
    return found != own.end() && found->second == label.second;
  });
}

bool is_of(const std::vector<Member>& members, const json& pod) {
  const std::string space = text(pod, {"metadata", "namespace"});
  return std::any_of(members.begin(), members.end(), [&](const Member& member) {
    return member.ref.space == space && has_pods(member.ref.resource.kind) &&
           owns(*member.object, pod);
  });
}

Result<Pods> list_pods(kube::Client& client, const std::string& space) {
  Pods pods;
  MARVEL_TRY([[maybe_unused]] const auto end,
             kube::list_all(
                 client, "/api/v1/namespaces/" + net::percent_encode(space) + "/pods", {},
                 [&pods](const json& pod) {
                   pods.push_back(pod);
                   return Status();
                 },
                 [&pods] { pods.clear(); }, "listing pods"));
  return pods;
}

Result<Pods> pods_of(kube::Client& client, const std::vector<Member>& members) {
  std::set<std::string> spaces;
  for (const auto& member : members) {
    if (has_pods(member.ref.resource.kind)) {
      spaces.insert(member.ref.space);
    }
  }
  Pods found;
  for (const auto& space : spaces) {
    MARVEL_TRY(const Pods pods, list_pods(client, space));
    for (const json& pod : pods) {
      if (is_of(members, pod)) {
        found.push_back(pod);
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const json& a, const json& b) {
    return text(a, {"metadata", "name"}) < text(b, {"metadata", "name"});
  });
  return found;
}

}  // namespace marvel::rollout
