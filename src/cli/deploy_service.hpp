#pragma once

#include "cli/bind.hpp"
#include "cli/cluster_flags.hpp"
#include "cli/command.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/apply.hpp"
#include "deploy/rollout/wait.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace marvel::cli {

// What the verbs of `marvel deploy` share that are about one service in a cluster.

struct WaitFlags {
  std::string wait_timeout = "5m";
  bool jobs = false;
};

// What may be deleted without asking: anything but namespaces, and the namespaces named here.
struct Consent {
  bool yes = false;
  std::vector<std::string> namespaces;
};

struct ServiceFlags {
  ClusterFlags cluster;
  WaitFlags waiting;
  std::string service;
  bool all_namespaces = false;
  rollout::DryRun dry_run = rollout::DryRun::kNone;
  Consent consent;
};

// How an apply goes, whoever says what.
struct ApplyRules {
  rollout::ApplyOptions options;
  WaitFlags waiting;
  bool no_prune = false;
  Consent consent;
  std::optional<bool> wait;          // on a terminal when not said
  std::vector<std::string> secrets;  // of the objects that were applied; never to be shown
};

void bind_dry_run(Binder& bind, rollout::DryRun& dry_run);
void bind_waiting(Binder& bind, WaitFlags& flags);
void bind_consent(Binder& bind, Consent& consent);
void bind_service(Binder& bind, ServiceFlags& flags);
void bind_applying(Binder& bind, ApplyRules& rules);

using RunService = Result<Answer> (*)(const ServiceFlags&, Session&);

struct Verb {
  const char* name;
  const char* purpose;
  CommandNotes notes;
  RunService run;
};

// Adds a verb with the flags of a service; `more` binds those of its own.
void add_verb(CommandTree& tree, CLI::App& deploy, Verb verb,
              const std::function<void(Binder&, ServiceFlags&)>& more);

// Asks whether to delete, as agree() does. A namespace takes all that is in it along, whoever made
// it: its name has to be typed, or given by --confirm.
Status agree_to_delete(const std::vector<rollout::ObjectRef>& refs, const Consent& consent,
                       Log& log);

// The service that a verb names. kUsage for none, kNotFound for one that is not there.
Result<rollout::Inventory> find_service(kube::Client& client, const std::string& service);

// Says so when another run has the service, and waits.
rollout::LeaseRules lease_rules(Log& log);

// Applies, and asks before it deletes what is no longer wanted.
Result<rollout::ApplyReport> apply_service(const std::shared_ptr<kube::Connection>& connection,
                                           const std::string& name, const std::string& space,
                                           const std::vector<deploy::Object>& objects,
                                           ApplyRules& rules, Session& session);
// Waits where that is wanted and has a sense, and says what was done.
Result<Answer> finish_apply(const std::shared_ptr<kube::Connection>& connection,
                            const rollout::ApplyReport& report, const ApplyRules& rules,
                            Session& session);

// Masks the secrets of the revision that runs in what its pods say, where that is kept.
void hide_secrets(kube::Client& client, rollout::ServiceState& state);

Result<rollout::ServiceState> wait_on(const std::shared_ptr<kube::Connection>& connection,
                                      const rollout::Inventory& inventory, const WaitFlags& flags,
                                      Session& session);

}  // namespace marvel::cli
