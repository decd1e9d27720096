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

// The flags of every command that talks to a cluster, as they are for kubectl. A command binds
// them, calls connect() once when it runs, and talks through the connection:
//   MARVEL_TRY(const auto connection, connect(flags.cluster, session));
//   kube::Client client(connection);
struct ClusterFlags {
  // A file in place of those that $KUBECONFIG lists; empty: those, or ~/.kube/config.
  std::string kubeconfig;
  std::string context;
  // Empty: that of the context.
  std::string namespace_name;
  // Groups count only beside a user.
  std::string as;
  std::vector<std::string> as_groups;
  // Of one request; text until connect() reads it, so that a wrong one is told by the command.
  std::string timeout = "30s";
};

// Which cluster and who one is there, for a command with --namespace and --timeout of its own.
// `flags` must outlive the tree's last parse, as for Binder.
void bind_access(Binder& bind, ClusterFlags& flags);
// All of them; `with_namespace` is false where --namespace is bound already; the caller then copies
// its value.
void bind_cluster(Binder& bind, ClusterFlags& flags, bool with_namespace = true);

// The connection that flags and environment choose; nothing is sent yet. In a pod without
// kubeconfig, the pod's own cluster. kInput for a kubeconfig that cannot be used, a context that is
// not in it, and a timeout that is no duration. Warnings about the kubeconfig go to the session's
// log. The session's stop flag ends requests, so the session must outlive the connection.
Result<std::shared_ptr<kube::Connection>> connect(const ClusterFlags& flags, Session& session);

// Shows what the server warned about since the last call. Each text is shown once per connection.
// Called after the requests whose warnings matter.
void show_warnings(kube::Connection& connection, Log& log);

}  // namespace marvel::cli
