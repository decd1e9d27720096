#include "deploy/scheduling/landing.hpp"

#include "deploy/scheduling/verdict.hpp"

#include <algorithm>
#include <set>

namespace marvel::scheduling {
namespace {

constexpr int kAnyVersion = 37;  // words do not matter here

std::string label_or(const Node& node, const char* key, const char* otherwise) {
  const auto found = node.labels.find(key);
  return found == node.labels.end() ? otherwise : found->second;
}

// Without what passes: the marks of Kubernetes itself for nodes in trouble.
Node at_its_best(Node node) {
  node.unschedulable = false;
  std::erase_if(node.taints,
                [](const Taint& taint) { return taint.key.starts_with("node.kubernetes.io/"); });
  return node;
}

}  // namespace

std::vector<std::string> landing_platforms(const Pod& pod, const std::vector<Node>& nodes) {
  const Wording wording(kAnyVersion);
  std::set<std::string> platforms;
  for (const auto& node : nodes) {
    if (judge(pod, at_its_best(node), {}, wording).fits()) {
      platforms.insert(label_or(node, "kubernetes.io/os", "linux") + "/" +
                       label_or(node, "kubernetes.io/arch", "amd64"));
    }
  }
  return {platforms.begin(), platforms.end()};
}

}  // namespace marvel::scheduling
