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

// What the verbs of `marvel deploy` share that are about one service in a cluster: flags, the
// question before something is deleted, and the way through an apply. A verb that changes a service
// goes
//   connect() -> find_service() or objects -> apply_service() -> finish_apply()
// and one that only looks reads its state, hides secrets in it and answers. Text that a cluster or
// a pod has said may hold secret values, so none is shown before it went through the masks here.
//
// Flags that say for what and how long to wait.
struct WaitFlags {
  // A duration with a unit; text until a verb reads it, before anything is written.
  std::string wait_timeout = "5m";
  bool jobs = false;
};

// What may be deleted without asking: anything but namespaces, and the namespaces named here. Two
// flags, because --yes in a script that deletes a service must not be enough to delete all that
// others keep in its namespace.
struct Consent {
  bool yes = false;
  std::vector<std::string> namespaces;
};

// The fields of all verbs about a service; each binds those that it has.
struct ServiceFlags {
  ClusterFlags cluster;
  WaitFlags waiting;
  std::string service;
  bool all_namespaces = false;
  rollout::DryRun dry_run = rollout::DryRun::kNone;
  Consent consent;
};

// How an apply goes, whoever says what. It belongs to one apply: apply_service() fills in `options`
// and `secrets`, and finish_apply() reads them.
struct ApplyRules {
  rollout::ApplyOptions options;
  WaitFlags waiting;
  bool no_prune = false;
  Consent consent;
  std::optional<bool> wait;          // on a terminal when not said
  std::vector<std::string> secrets;  // of the objects that were applied; never to be shown
};

// Each binds one group of flags to fields that must outlive the tree's last parse.
void bind_dry_run(Binder& bind, rollout::DryRun& dry_run);
void bind_waiting(Binder& bind, WaitFlags& flags);
void bind_consent(Binder& bind, Consent& consent);
void bind_service(Binder& bind, ServiceFlags& flags);
void bind_applying(Binder& bind, ApplyRules& rules);

// A plain function: all that it needs comes as arguments.
using RunService = Result<Answer> (*)(const ServiceFlags&, Session&);

// The id of the template in `file`, as labels and names hold it: "kafka" for
// "dir/kafka.template.yaml", at most 40 of a-z, 0-9 and '-', none at an end. `title` is the
// header's name: it makes the id where the file's name makes none, as for standard input. Empty
// when both have nothing to make it of.
std::string template_id(const std::string& file, const std::string& title);

struct Verb {
  const char* name;
  const char* purpose;
  CommandNotes notes;
  RunService run;
};

// Adds a verb with the flags of a service; `more` binds those of its own. The flags live as long as
// the verb. What `more` binds holds for one run only; flags of the cluster may stand in files.
void add_verb(CommandTree& tree, CLI::App& deploy, Verb verb,
              const std::function<void(Binder&, ServiceFlags&)>& more);

// Asks whether to delete, as agree() does. A namespace takes all that is in it along, whoever made
// it: its name has to be typed, or given by --confirm. kUsage when the answer is no, and when
// nobody can be asked. On a terminal all of `refs` are shown first. Where a namespace is among them
// its name is the only question, since it is the harder one.
Status agree_to_delete(const std::vector<rollout::ObjectRef>& refs, const Consent& consent,
                       Log& log);

// The service that a verb names. kUsage for none, kNotFound for one that is not there. The
// namespace is that of the client's connection.
Result<rollout::Inventory> find_service(kube::Client& client, const std::string& service);

// Says so when another run has the service, and waits. `log` must outlive them.
rollout::LeaseRules lease_rules(Log& log);

// Applies, and asks before it deletes what is no longer wanted; a no is kUsage, and nothing was
// applied then. Failures of single objects stand in the report, not in the Result. Secret values of
// `objects` are masked in all that comes back, warnings of the server included, which go to the
// log. A dry run asks nothing and writes nothing. kInput for a --wait-timeout that is no duration.
Result<rollout::ApplyReport> apply_service(const std::shared_ptr<kube::Connection>& connection,
                                           const std::string& name, const std::string& space,
                                           const std::vector<deploy::Object>& objects,
                                           ApplyRules& rules, Session& session);
// Waits where that is wanted and has a sense, and says what was done. It waits with --wait, and on
// a terminal unless --no-wait; never after a dry run, a failure, or when a singleton runs already.
Result<Answer> finish_apply(const std::shared_ptr<kube::Connection>& connection,
                            const rollout::ApplyReport& report, const ApplyRules& rules,
                            Session& session);

// Masks secrets in what the service's objects and pods say: what stands in the members where the
// inventory says that secrets are, all that their Secrets hold, and what old revisions had, as far
// as they are kept and may be read (pods go on with what they were started with). `more` are other
// texts to mask. Asks the server only where something was said. Where nobody has noted the places,
// the last words of pods are left out and their cause says so.
void hide_secrets(kube::Client& client, rollout::ServiceState& state,
                  std::vector<std::string> more = {});

// As rollout::wait_for; kInput for a limit that is no duration. The state may hold secrets still.
Result<rollout::ServiceState> wait_on(const std::shared_ptr<kube::Connection>& connection,
                                      const rollout::Inventory& inventory, const WaitFlags& flags,
                                      Session& session);

}  // namespace marvel::cli
