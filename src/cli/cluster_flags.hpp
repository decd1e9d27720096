#pragma once

#include "cli/bind.hpp"
#include "cli/command.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace marvel::kube {
class Connection;
struct Access;
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
  // Groups count only beside a user; alone they are refused, because the caller's full rights would
  // be used in their place.
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

// Which cluster, and as whom. In a pod without kubeconfig, the pod's own cluster, unless a context
// is named; `service_account` is the folder where a pod finds its token. kInput for a kubeconfig
// that cannot be used and a context that is not in it, kUsage for groups without a user. Warnings
// about the kubeconfig go to the session's log.
Result<kube::Access> choose_access(const ClusterFlags& flags, Session& session,
                                   const std::filesystem::path& service_account);

// The connection that flags and environment choose; nothing is sent yet. Fails as choose_access
// does, and with kInput for a timeout that is no duration. The session's stop flag ends requests,
// so the session must outlive the connection.
Result<std::shared_ptr<kube::Connection>> connect(const ClusterFlags& flags, Session& session);

// Shows what the server warned about since the last call. Each text is shown once per connection.
// Called after the requests whose warnings matter.
void show_warnings(kube::Connection& connection, Log& log);

}  // namespace marvel::cli
