#include "deploy/taint/writer.hpp"

#include "base/random.hpp"
#include "deploy/kube/json_text.hpp"
#include "deploy/kube/paging.hpp"
#include "deploy/kube/parallel.hpp"
#include "net/url.hpp"

#include <algorithm>
#include <thread>

#include <nlohmann/json.hpp>

namespace marvel::taint {
namespace {

using scheduling::Node;

constexpr int kMostTries = 20;
constexpr const char* kNodes = "/api/v1/nodes";

std::string node_path(const std::string& name) {
  return std::string(kNodes) + "/" + net::percent_encode(name);
}

// 5 ms, 10 ms, ... at most 320 ms, each between half and whole, so that two writers part.
std::chrono::milliseconds backoff(const std::string& node, int tries) {
  const int steps = std::min(tries, 7);
  const std::uint64_t whole = std::uint64_t{5} << static_cast<unsigned>(steps - 1);
  const auto seed =
      std::hash<std::string>()(node) ^ std::hash<std::thread::id>()(std::this_thread::get_id());
  const auto moment =
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return std::chrono::milliseconds(whole / 2 + mix(seed ^ moment) % (whole / 2 + 1));
}

kube::Call patch_call(const Node& node, const Edit& edit, DryRun dry_run) {
  kube::Call call{.method = "PATCH",
                  .path = node_path(node.name),
                  .query = {{"fieldManager", "marvel"}},
                  .body = kube::json_text(patch_of(edit, node.resource_version)),
                  .content_type = kube::kStrategicMerge};
  if (dry_run == DryRun::kServer) {
    call.query.emplace_back("dryRun", "All");
  }
  return call;
}

// Whether what the edit was to change on `before` is so on `now`, whoever made it so. What others
// have changed besides does not count.
bool is_made(const Edit& edit, const Node& before, const Node& now) {
  const auto is_settled = [&](const Taint& taint) {
    const bool wanted = has_taint(edit.taints, taint);
    return has_taint(before.taints, taint) == wanted || has_taint(now.taints, taint) == wanted;
  };
  const auto is_labelled = [&now](const auto& label) {
    const auto there = now.labels.find(label.first);
    return there == now.labels.end() ? !label.second.has_value() : there->second == label.second;
  };
  return std::all_of(edit.taints.begin(), edit.taints.end(), is_settled) &&
         std::all_of(before.taints.begin(), before.taints.end(), is_settled) &&
         std::all_of(edit.labels.begin(), edit.labels.end(), is_labelled);
}

}  // namespace

Result<std::vector<Node>> list_nodes(kube::Client& client, const std::string& selector) {
  kube::Query query;
  if (!selector.empty()) {
    query.emplace_back("labelSelector", selector);
  }
  std::vector<Node> nodes;
  const auto take = [&nodes](const nlohmann::json& item) -> Status {
    MARVEL_TRY(Node node, scheduling::node_from(item));
    nodes.push_back(std::move(node));
    return {};
  };
  MARVEL_TRY(
      [[maybe_unused]] const auto end,
      kube::list_all(client, kNodes, query, take, [&nodes] { nodes.clear(); }, "listing nodes"));
  return nodes;
}

Result<Node> get_node(kube::Client& client, const std::string& name) {
  MARVEL_TRY(const nlohmann::json object, client.get(node_path(name), {}, "reading node " + name));
  MARVEL_TRY(Node node, scheduling::node_from(object));
  if (node.name != name) {
    return fail({Errc::kUnavailable,
                 "reading node " + name + ": the server answered with node " + node.name,
                 "look at the server or proxy that the kubeconfig names",
                 {},
                 "unavailable"});
  }
  return node;
}

NodeResult write_node(kube::Client& client, Node node, bool fresh, const MakeEdit& make_edit,
                      DryRun dry_run) {
  NodeResult result;
  result.node = node.name;
  const std::string what = "changing node " + node.name;
  bool may_be_made = false;
  while (true) {
    if (!fresh) {
      auto read = get_node(client, result.node);
      if (!read) {
        result.error = std::move(read).error();
        return result;
      }
      node = std::move(*read);
      // The try that got a 5xx may have made it so, and then been in its own way. That it was
      // another writer with the same wish cannot be told apart.
      if (may_be_made && is_made(result.edit, result.before, node)) {
        return result;
      }
    }
    result.edit = make_edit(node);
    result.before = node;
    if (!result.edit.writes() || dry_run == DryRun::kClient) {
      return result;
    }
    ++result.tries;
    const auto reply = client.exchange(patch_call(node, result.edit, dry_run));
    if (!reply) {
      result.error = reply.error();
      return result;
    }
    if (reply->ok()) {
      return result;
    }
    const bool lost_race = reply->status == 409 && result.tries < kMostTries;
    if (!lost_race ||
        !kube::pause(backoff(result.node, result.tries), client.connection()->stop())) {
      result.error = to_error(kube::read_status(reply->status, reply->body), what);
      return result;
    }
    fresh = false;
    may_be_made = reply->repeated && dry_run == DryRun::kNone;
  }
}

Result<std::vector<NodeResult>> write_nodes(const std::shared_ptr<kube::Connection>& connection,
                                            const Selection& selection, const MakeEdit& make_edit,
                                            DryRun dry_run) {
  const bool by_name = !selection.names.empty();
  std::vector<Node> nodes;
  if (by_name) {
    for (const auto& name : selection.names) {
      nodes.emplace_back().name = name;
    }
  } else {
    kube::Client client(connection);
    MARVEL_TRY(nodes, list_nodes(client, selection.selector));
  }
  std::vector<NodeResult> results(nodes.size());
  kube::in_parallel(connection, nodes.size(), [&](kube::Client& client, std::size_t i) {
    results[i] = write_node(client, nodes[i], !by_name, make_edit, dry_run);
  });
  return results;
}

}  // namespace marvel::taint
