#include "cli/cluster_flags.hpp"
#include "cli/deploy_cluster_view.hpp"
#include "cli/deploy_command.hpp"
#include "cli/deploy_service.hpp"
#include "deploy/render.hpp"
#include "deploy/rollout/history.hpp"

#include <memory>
#include <optional>

namespace marvel::cli {
namespace {

struct HistoryFlags {
  ServiceFlags service;
  std::optional<int> revision;  // to show; without it they are listed
};

struct RollbackFlags {
  ServiceFlags service;
  ApplyRules rules;
  std::optional<int> to;  // without it the one before
};

Result<rollout::History> read_history(kube::Client& client, const rollout::Inventory& inventory,
                                      Log& log) {
  MARVEL_TRY(auto history, rollout::read_history(client, inventory));
  for (const auto& damaged : history.damaged) {
    log.warning(damaged + "; it is left out");
  }
  return history;
}

Error no_revision(const std::string& service, const std::string& what) {
  return {Errc::kNotFound,
          "service " + service + " has no " + what,
          "'marvel deploy history " + service + "' shows what was kept",
          {},
          "not_found"};
}

// `number`, or without one the newest one before what runs: after a run that did not come to its
// end that is the last one that did.
Result<rollout::Revision> choose(const rollout::History& history,
                                 const rollout::Inventory& inventory, std::optional<int> number) {
  const int newest = inventory.unfinished ? inventory.revision : inventory.revision - 1;
  for (const auto& one : history.revisions) {
    if (number ? one.number == *number : one.number <= newest) {
      return one;
    }
  }
  return fail(no_revision(inventory.name, number ? "revision " + std::to_string(*number)
                                                 : "revision before the one that runs"));
}

// What a revision held, without its secrets.
Answer revision_answer(rollout::Revision revision) {
  for (auto& object : revision.objects) {
    deploy::mask_all(object);
  }
  return rendered_answer(revision.objects);
}

Result<Answer> run_history(const HistoryFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.service.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const auto inventory, find_service(client, flags.service.service));
  MARVEL_TRY(const auto history, read_history(client, inventory, session.context.log));
  if (!flags.revision) {
    return history_answer(inventory, history);
  }
  MARVEL_TRY(auto revision, choose(history, inventory, flags.revision));
  return revision_answer(std::move(revision));
}

Result<Answer> run_rollback(RollbackFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.service.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const auto inventory, find_service(client, flags.service.service));
  MARVEL_TRY(const auto history, read_history(client, inventory, session.context.log));
  MARVEL_TRY(const auto revision, choose(history, inventory, flags.to));
  flags.rules.options.origin = revision.origin;
  flags.rules.options.singleton = revision.singleton;
  flags.rules.options.replace = true;  // what it was may have come from another template
  flags.rules.options.cause = "rollback to " + std::to_string(revision.number);
  MARVEL_TRY(const auto report, apply_service(connection, inventory.name, inventory.space,
                                              revision.objects, flags.rules, session));
  return finish_apply(connection, report, flags.rules, session);
}

void add_history(CommandTree& tree, CLI::App& deploy) {
  const auto flags = std::make_shared<HistoryFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel deploy history grn-vad", "what the service was, and when"},
                    {"marvel deploy history grn-vad --revision 3", "the objects of one revision"}};
  notes.see_also = {"deploy rollback"};
  notes.run = [flags](Session& session) { return run_history(*flags, session); };
  CLI::App& command =
      tree.add(deploy, "history", "Show the revisions of a service", "Cluster", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_service(bind, flags->service);
  bind.group("Revisions");
  bind.value("--revision", "N", flags->revision, "Show the objects of this one, without secrets");
  bind.this_run_only(false);
  bind_cluster(bind, flags->service.cluster);
}

void add_rollback(CommandTree& tree, CLI::App& deploy) {
  const auto flags = std::make_shared<RollbackFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel deploy rollback grn-vad", "back to the revision before"},
                    {"marvel deploy rollback grn-vad --to 3 --wait", "to a certain one"}};
  notes.exit_codes = {{"1", "not ready"},
                      {"3", "the cluster refused, there is no such revision, or time is over"}};
  notes.see_also = {"deploy history", "deploy diff"};
  notes.run = [flags](Session& session) { return run_rollback(*flags, session); };
  CLI::App& command = tree.add(deploy, "rollback", "Make a service what it was, as a new revision",
                               "Cluster", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_service(bind, flags->service);
  bind.group("Revisions");
  bind.value("--to", "N", flags->to, "The revision; without it the one before");
  bind_applying(bind, flags->rules);
  bind.this_run_only(false);
  bind_cluster(bind, flags->service.cluster);
}

}  // namespace

void register_deploy_history(CommandTree& tree, CLI::App& deploy) {
  add_history(tree, deploy);
  add_rollback(tree, deploy);
}

}  // namespace marvel::cli
