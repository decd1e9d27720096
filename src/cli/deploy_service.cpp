#include "cli/deploy_service.hpp"

#include "base/units.hpp"
#include "cli/deploy_cluster_view.hpp"

#include <iostream>
#include <unistd.h>

namespace marvel::cli {

void bind_dry_run(Binder& bind, rollout::DryRun& dry_run) {
  bind.choice(
      "--dry-run", {"none", "client", "server"}, 0,
      [&dry_run](std::size_t index) { dry_run = static_cast<rollout::DryRun>(index); },
      "Say what would be done: worked out here, or tried by the server");
}

void bind_waiting(Binder& bind, WaitFlags& flags) {
  bind.group("Waiting");
  bind.value("--wait-timeout", "DURATION", flags.wait_timeout, "How long to wait");
  bind.flag("--wait-for-jobs", flags.jobs, "Jobs must be complete, not only started");
}

void bind_service(Binder& bind, ServiceFlags& flags) {
  bind.positional("service", flags.service, "Name of the service");
}

void bind_applying(Binder& bind, ApplyRules& rules) {
  bind.group("Applying");
  bind_dry_run(bind, rules.options.dry_run);
  bind.flag("--force-conflicts", rules.options.force_conflicts, "Take fields over that others own");
  bind.flag("--no-prune", rules.no_prune, "Keep objects that are no longer wanted");
  bind.flag("--yes,-y", rules.yes, "Do not ask before objects are deleted");
  bind.value("--history-limit", "N", rules.options.history_limit,
             "Revisions to keep; 0 keeps none");
  bind.flag(
      "--wait", [&rules](bool on) { rules.wait = on; },
      "Wait until all is ready; on a terminal anyway");
  bind.flag("--no-wait", [&rules](bool on) { rules.wait = !on; }, "Do not wait");
  bind_waiting(bind, rules.waiting);
}

void add_verb(CommandTree& tree, CLI::App& deploy, Verb verb,
              const std::function<void(Binder&, ServiceFlags&)>& more) {
  auto flags = std::make_shared<ServiceFlags>();
  verb.notes.run = [flags, run = verb.run](Session& session) { return run(*flags, session); };
  CLI::App& command = tree.add(deploy, verb.name, verb.purpose, "Cluster", std::move(verb.notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  more(bind, *flags);
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

bool on_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

// Asks only where somebody can answer.
bool agreed(const std::string& question, bool yes) {
  if (yes || !on_terminal()) {
    return true;
  }
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<rollout::Inventory> find_service(kube::Client& client, const std::string& service) {
  const std::string space = client.connection()->access().namespace_name;
  if (service.empty()) {
    return fail(Errc::kUsage, "no service is named", "'marvel deploy list' shows them");
  }
  MARVEL_TRY_STATUS(rollout::check_service_name(service));
  MARVEL_TRY(auto inventory, rollout::read_inventory(client, service, space));
  if (!inventory) {
    return fail({Errc::kNotFound,
                 "there is no service " + service + " in namespace " + space,
                 "'marvel deploy list --all-namespaces' shows what there is",
                 {},
                 "not_found"});
  }
  return std::move(*inventory);
}

Result<rollout::ServiceState> wait_on(const std::shared_ptr<kube::Connection>& connection,
                                      const rollout::Inventory& inventory, const WaitFlags& flags,
                                      Session& session) {
  MARVEL_TRY(const auto limit, parse_duration(flags.wait_timeout));
  rollout::WaitRules rules;
  rules.readiness.wait_for_jobs = flags.jobs;
  return rollout::wait_for(connection, inventory, rules, limit, session.context);
}

rollout::LeaseRules lease_rules(Log& log) {
  rollout::LeaseRules rules;
  rules.on_wait = [&log](const std::string& message) { log.info(message); };
  return rules;
}

Result<rollout::ApplyReport> apply_service(const std::shared_ptr<kube::Connection>& connection,
                                           const std::string& name, const std::string& space,
                                           const std::vector<deploy::Object>& objects,
                                           ApplyRules& rules, Session& session) {
  Log& log = session.context.log;
  rules.options.prune = !rules.no_prune;
  rules.options.lease = lease_rules(log);
  const auto may_prune = [&](const std::vector<rollout::ObjectRef>& refs) {
    for (const auto& ref : refs) {
      log.info("no longer wanted: " + ref.text());
    }
    return rules.options.dry_run != rollout::DryRun::kNone ||
           agreed("Delete " + std::to_string(refs.size()) + " object(s)?", rules.yes);
  };
  auto report = rollout::apply(connection, name, space, objects, rules.options, may_prune);
  show_warnings(*connection, log);
  if (report && !report->unrecorded.empty()) {
    log.warning("revision " + std::to_string(report->inventory.revision) + " of " + name +
                " is not kept, so no rollback will lead to it: " + report->unrecorded);
  }
  return report;
}

Result<Answer> finish_apply(const std::shared_ptr<kube::Connection>& connection,
                            const rollout::ApplyReport& report, const ApplyRules& rules,
                            Session& session) {
  const rollout::DryRun dry_run = rules.options.dry_run;
  const bool waits = rules.wait.value_or(on_terminal());
  if (!waits || report.failed() || !report.running_as.empty() ||
      dry_run != rollout::DryRun::kNone) {
    return apply_answer(report, dry_run, nullptr, session.context.log);
  }
  MARVEL_TRY(const auto state, wait_on(connection, report.inventory, rules.waiting, session));
  return apply_answer(report, dry_run, &state, session.context.log);
}

}  // namespace marvel::cli
