#include "cli/cluster_flags.hpp"

#include "base/units.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/kube/kubeconfig.hpp"

namespace marvel::cli {
namespace {

constexpr const char* kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

kube::Access with_user(kube::Access access, const ClusterFlags& flags) {
  if (!flags.as.empty()) {
    access.user.as = flags.as;
    access.user.as_groups = flags.as_groups;
  }
  return access;
}

}  // namespace

Result<kube::Access> choose_access(const ClusterFlags& flags, Session& session,
                                   const std::filesystem::path& service_account) {
  if (flags.as.empty() && !flags.as_groups.empty()) {
    return fail(Errc::kUsage, "--as-group counts only beside --as, which is not given",
                "name the user as well, as in --as anna --as-group " + flags.as_groups.front());
  }
  MARVEL_TRY(const kube::Kubeconfig config,
             kube::load_kubeconfig(session.environment, flags.kubeconfig));
  for (const auto& warning : config.warnings) {
    session.context.log.warning(warning);
  }
  if (config.files.empty() && flags.context.empty()) {
    MARVEL_TRY(auto own, kube::in_cluster_access(session.environment, service_account));
    if (own) {
      if (!flags.namespace_name.empty()) {
        own->namespace_name = flags.namespace_name;
      }
      return with_user(std::move(*own), flags);
    }
  }
  MARVEL_TRY(auto access, config.access(flags.context, flags.namespace_name));
  return with_user(std::move(access), flags);
}

void bind_access(Binder& bind, ClusterFlags& flags) {
  bind.group("Cluster");
  bind.value("--kubeconfig", "FILE", flags.kubeconfig, "Use FILE in place of KUBECONFIG").files =
      Files::kFile;
  bind.value("--context", "NAME", flags.context, "Context of the kubeconfig").offer =
      kube::context_names;
  bind.value("--as", "USER", flags.as, "Act as USER (impersonation)");
  bind.list("--as-group", "GROUP", flags.as_groups, "Act as a member of GROUP; may be given again");
}

void bind_cluster(Binder& bind, ClusterFlags& flags, bool with_namespace) {
  bind_access(bind, flags);
  if (with_namespace) {
    bind.value("--namespace,-n", "NAME", flags.namespace_name,
               "Namespace in place of the context's");
  }
  bind.value("--timeout", "DURATION", flags.timeout, "Limit for one request");
}

Result<std::shared_ptr<kube::Connection>> connect(const ClusterFlags& flags, Session& session) {
  MARVEL_TRY(const auto timeout, parse_duration(flags.timeout));
  MARVEL_TRY(kube::Access access, choose_access(flags, session, kServiceAccount));
  MARVEL_TRY(auto connection, kube::Connection::open(std::move(access), session.environment,
                                                     timeout, session.context.stop));
  show_warnings(*connection, session.context.log);
  return connection;
}

void show_warnings(kube::Connection& connection, Log& log) {
  for (const auto& warning : connection.take_warnings()) {
    log.warning(warning);
  }
}

}  // namespace marvel::cli
