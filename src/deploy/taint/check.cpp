#include "deploy/taint/check.hpp"

#include "base/text.hpp"
#include "deploy/kube/openapi.hpp"
#include "deploy/kube/paging.hpp"
#include "deploy/manifest.hpp"
#include "deploy/taint/writer.hpp"
#include "net/url.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::taint {

using scheduling::Pod;

namespace {

using Uses = std::map<std::string, scheduling::NodeUse>;

const scheduling::NodeUse& use_of(const Uses& uses, const std::string& node) {
  static const scheduling::NodeUse kNone;
  const auto found = uses.find(node);
  return found == uses.end() ? kNone : found->second;
}

std::string full_name(const Pod& pod) {
  return pod.namespace_name + "/" + pod.name;
}

// What is taken of the nodes where pods in `asked` run, as `pod` finds it. Only these: copying the
// use of every node for every pod would be slow.
Uses uses_beside(const Pod& pod, const ClusterState& cluster) {
  Uses uses;
  for (const Pod& other : cluster.asked) {
    auto& use =
        uses.try_emplace(other.node_name, use_of(cluster.use, other.node_name)).first->second;
    const bool same = pod.kind == "Pod" && full_name(pod) == full_name(other);
    if (!same && !other.finished) {
      occupy(use, other);
    }
  }
  return uses;
}

}  // namespace

Result<std::vector<Pod>> list_bound_pods(kube::Client& client, const std::string& node) {
  std::vector<Pod> pods;
  const auto take = [&pods](const nlohmann::json& item) -> Status {
    MARVEL_TRY(Pod pod, scheduling::pod_from(item));
    if (!pod.node_name.empty()) {
      pods.push_back(std::move(pod));
    }
    return {};
  };
  kube::Query query;
  if (!node.empty()) {
    query.emplace_back("fieldSelector", "spec.nodeName=" + node);
  }
  MARVEL_TRY([[maybe_unused]] const auto end,
             kube::list_all(
                 client, "/api/v1/pods", query, take, [&pods] { pods.clear(); }, "listing pods"));
  return pods;
}

Result<ClusterState> read_cluster(kube::Client& client, const std::set<std::string>& asked) {
  ClusterState cluster;
  MARVEL_TRY(cluster.minor_version, kube::minor_version(client));
  MARVEL_TRY(cluster.nodes, list_nodes(client, ""));
  MARVEL_TRY(auto pods, list_bound_pods(client, ""));
  const auto apart = std::partition(pods.begin(), pods.end(), [&asked](const Pod& pod) {
    return asked.count(full_name(pod)) == 0;
  });
  cluster.asked.assign(apart, pods.end());
  pods.erase(apart, pods.end());
  cluster.use = scheduling::use_of_nodes(pods);
  return cluster;
}

Result<std::vector<Pod>> pods_of_file(std::string_view text, const std::string& file) {
  MARVEL_TRY(const auto objects, deploy::read_manifests(text, file));
  std::vector<Pod> pods;
  for (const auto& object : objects) {
    auto read = scheduling::pod_of_workload(object.body());
    if (!read) {
      read.error().context.push_back(deploy::describe(file, object.position()));
      return fail(std::move(read).error());
    }
    if (auto& pod = *read; pod.has_value()) {
      pods.push_back(std::move(pod.value()));
    }
  }
  if (pods.empty()) {
    return fail({Errc::kInput,
                 file + " holds no pod and no workload",
                 "give a file with a Pod, Deployment, StatefulSet, DaemonSet, Job or CronJob",
                 {},
                 "manifest_invalid"});
  }
  return pods;
}

Result<Pod> pod_of_cluster(kube::Client& client, const std::string& namespace_name,
                           const std::string& name) {
  const auto slash = name.find('/');
  const std::string space = slash == std::string::npos ? namespace_name : name.substr(0, slash);
  const std::string own = slash == std::string::npos ? name : name.substr(slash + 1);
  MARVEL_TRY(const nlohmann::json object,
             client.get("/api/v1/namespaces/" + net::percent_encode(space) + "/pods/" +
                            net::percent_encode(own),
                        {}, "reading pod " + space + "/" + own));
  MARVEL_TRY(Pod pod, scheduling::pod_from(object));
  pod.node_name.clear();
  return pod;
}

PodCheck check(const Pod& pod, const ClusterState& cluster) {
  const scheduling::Wording wording(cluster.minor_version);
  const Uses beside = uses_beside(pod, cluster);
  PodCheck result;
  result.pod = pod;
  for (const auto& node : cluster.nodes) {
    const auto& use = use_of(beside.count(node.name) > 0 ? beside : cluster.use, node.name);
    result.verdicts.push_back(judge(pod, node, use, wording));
    if (use.keeps_others_away) {
      note_unjudged(result.pod, "affinity between pods");
    }
    if (result.verdicts.back().fits()) {
      result.fits.push_back(node.name);
    }
  }
  if (cluster.nodes.empty()) {
    result.message = "no nodes available to schedule pods";
  } else if (result.fits.empty()) {
    result.message = scheduling::summary(result.verdicts);
  }
  return result;
}

std::vector<Eviction> evictions(const std::vector<Pod>& pods, const std::string& node,
                                const std::vector<scheduling::Taint>& before,
                                const std::vector<scheduling::Taint>& after) {
  std::vector<Eviction> leaving;
  for (const Pod& pod : pods) {
    if (pod.node_name != node || pod.finished) {
      continue;
    }
    std::optional<Eviction> first;
    for (const auto& taint : after) {
      if (taint.effect != "NoExecute" || has_taint(before, taint)) {
        continue;
      }
      const auto stay = stay_seconds(pod.tolerations, taint);
      if (stay && (!first || *stay < first->after_seconds)) {
        first = Eviction{node, full_name(pod), to_string(taint), *stay};
      }
    }
    if (first) {
      leaving.push_back(std::move(*first));
    }
  }
  return leaving;
}

}  // namespace marvel::taint
