#pragma once

#include "cli/bind.hpp"
#include "cli/command.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace marvel::kube {
class Connection;
}  // namespace marvel::kube

namespace marvel::cli {

// The flags of every command that talks to a cluster.
struct ClusterFlags {
  std::string kubeconfig;
  std::string context;
  std::string namespace_name;
  std::string as;
  std::vector<std::string> as_groups;
  std::string timeout = "30s";
};

// Which cluster and who one is there, for a command with --namespace and --timeout of its own.
void bind_access(Binder& bind, ClusterFlags& flags);
// All of them; `with_namespace` is false where --namespace is bound already; the caller then copies
// its value.
void bind_cluster(Binder& bind, ClusterFlags& flags, bool with_namespace = true);

// The connection that flags and environment choose; nothing is sent yet. In a pod without
// kubeconfig, the pod's own cluster.
Result<std::shared_ptr<kube::Connection>> connect(const ClusterFlags& flags, Session& session);

// Shows what the server warned about since the last call.
void show_warnings(kube::Connection& connection, Log& log);

}  // namespace marvel::cli
