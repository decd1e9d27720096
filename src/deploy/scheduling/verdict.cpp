#include "deploy/scheduling/verdict.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace marvel::scheduling {
namespace {

Verdict refuse(std::string reason, std::string detail) {
  return {{std::move(reason)}, std::move(detail)};
}

bool selector_matches(const Labels& selector, const Labels& labels) {
  return std::all_of(selector.begin(), selector.end(), [&labels](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

std::string affinity_detail(const Pod& pod, const Node& node) {
  for (const auto& [key, value] : pod.node_selector) {
    const auto found = node.labels.find(key);
    if (found == node.labels.end() || found->second != value) {
      return "the pod selects " + key + "=" + value + ", the node has " +
             (found == node.labels.end() ? "no label " + key : key + "=" + found->second);
    }
  }
  return "the node matches no term of the pod's required node affinity";
}

bool ports_clash(const HostPort& a, const HostPort& b) {
  const bool same_address =
      a.address == b.address || a.address == "0.0.0.0" || b.address == "0.0.0.0";
  return same_address && a.protocol == b.protocol && a.port == b.port;
}

Verdict judge_ports(const Pod& pod, const NodeUse& use) {
  for (const auto& wanted : pod.host_ports) {
    for (const auto& taken : use.host_ports) {
      if (ports_clash(wanted, taken)) {
        return refuse(
            "node(s) didn't have free ports for the requested pod ports",
            "host port " + std::to_string(wanted.port) + "/" + wanted.protocol + " is taken");
      }
    }
  }
  return {};
}

std::string amount_text(const std::string& resource, std::int64_t amount) {
  return resource == "cpu" ? std::to_string(amount) + "m" : std::to_string(amount);
}

std::int64_t amount_of(const Resources& resources, const std::string& name) {
  const auto found = resources.find(name);
  return found == resources.end() ? 0 : found->second;
}

void append(Verdict& verdict, std::string reason, const std::string& detail) {
  verdict.reasons.push_back(std::move(reason));
  verdict.detail += (verdict.detail.empty() ? "" : "; ") + detail;
}

Verdict judge_resources(const Pod& pod, const Node& node, const NodeUse& use) {
  Verdict verdict;
  const auto places = amount_of(node.allocatable, "pods");
  if (use.pods + 1 > places) {
    append(verdict, "Too many pods",
           std::to_string(use.pods) + " of " + std::to_string(places) + " pods run here");
  }
  for (const auto& [resource, wanted] : pod.requests) {
    const auto has = amount_of(node.allocatable, resource);
    const auto taken = amount_of(use.requested, resource);
    if (wanted > 0 && resource != "pods" && wanted > has - taken) {
      append(verdict, "Insufficient " + resource,
             resource + " " + amount_text(resource, wanted) + " wanted, " +
                 amount_text(resource, std::max<std::int64_t>(has - taken, 0)) + " of " +
                 amount_text(resource, has) + " free");
    }
  }
  return verdict;
}

bool named_elsewhere(const Pod& pod, const Node& node) {
  if (!pod.affinity) {
    return false;
  }
  const auto names = named_nodes(*pod.affinity);
  return names && !names->empty() && !std::binary_search(names->begin(), names->end(), node.name);
}

}  // namespace

void occupy(NodeUse& use, const Pod& pod) {
  add(use.requested, pod.requests);
  ++use.pods;
  use.host_ports.insert(pod.host_ports.begin(), pod.host_ports.end());
  use.keeps_others_away = use.keeps_others_away || pod.keeps_others_away;
}

std::map<std::string, NodeUse> use_of_nodes(const std::vector<Pod>& pods) {
  std::map<std::string, NodeUse> nodes;
  for (const Pod& pod : pods) {
    if (!pod.node_name.empty() && !pod.finished) {
      occupy(nodes[pod.node_name], pod);
    }
  }
  return nodes;
}

// The words changed in 1.24 and again in 1.37 at the latest (read in the sources of 1.20 and 1.37).
std::string Wording::untolerated(const Taint& taint) const {
  if (minor_ >= 37) {
    return "node(s) had untolerated taint(s)";
  }
  const std::string name = "{" + taint.key + ": " + taint.value + "}";
  return minor_ >= 24 ? "node(s) had untolerated taint " + name
                      : "node(s) had taint " + name + ", that the pod didn't tolerate";
}

std::string Wording::affinity() const {
  return minor_ >= 21 ? "node(s) didn't match Pod's node affinity/selector"
                      : "node(s) didn't match Pod's node affinity";
}

std::string Wording::not_named() const {
  return minor_ >= 30 ? "node(s) didn't satisfy plugin(s) [NodeAffinity]" : affinity();
}

Verdict judge(const Pod& pod, const Node& node, const NodeUse& use, const Wording& wording) {
  if (named_elsewhere(pod, node)) {
    return refuse(wording.not_named(), "the pod names other nodes");
  }
  const Taint cordon{"node.kubernetes.io/unschedulable", "", "NoSchedule", ""};
  if (node.unschedulable && !tolerated(pod.tolerations, cordon)) {
    return refuse("node(s) were unschedulable", "the node is cordoned");
  }
  if (!pod.node_name.empty() && pod.node_name != node.name) {
    return refuse("node(s) didn't match the requested node name",
                  "the pod is for node " + pod.node_name);
  }
  if (const Taint* taint = find_untolerated(node.taints, pod.tolerations)) {
    return refuse(wording.untolerated(*taint), "taint " + to_string(*taint) + " is not tolerated");
  }
  if (!selector_matches(pod.node_selector, node.labels) ||
      (pod.affinity && !matches(*pod.affinity, node.labels, node.name))) {
    return refuse(wording.affinity(), affinity_detail(pod, node));
  }
  if (Verdict ports = judge_ports(pod, use); !ports.fits()) {
    return ports;
  }
  return judge_resources(pod, node, use);
}

std::string summary(const std::vector<Verdict>& verdicts) {
  std::map<std::string, std::size_t> counts;
  for (const auto& verdict : verdicts) {
    for (const auto& reason : verdict.reasons) {
      ++counts[reason];
    }
  }
  std::vector<std::string> parts;
  for (const auto& [reason, count] : counts) {
    parts.push_back(std::to_string(count) + " " + reason);
  }
  std::sort(parts.begin(), parts.end());
  const std::string text = "0/" + std::to_string(verdicts.size()) + " nodes are available:";
  return parts.empty() ? text : text + " " + join(parts, ", ") + ".";
}

}  // namespace marvel::scheduling
