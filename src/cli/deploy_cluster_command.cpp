#include "cli/cluster_flags.hpp"
#include "cli/deploy_cluster_view.hpp"
#include "cli/deploy_command.hpp"
#include "cli/deploy_service.hpp"
#include "cli/exit_code.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/rollout/remove.hpp"
#include "deploy/rollout/wait.hpp"
#include "deploy/taint/writer.hpp"

#include <algorithm>
#include <memory>

namespace marvel::cli {
namespace {

using rollout::DryRun;

struct ApplyFlags {
  explicit ApplyFlags(const Predefined& predefined) : manifests(predefined) {}

  ManifestFlags manifests;
  ClusterFlags cluster;
  ApplyRules rules;
};

// --- from flags to objects ---

std::string id_of(const deploy::Template& one) {
  return template_id(one.file, one.header ? one.header->name : "");
}

struct Service {
  std::string name;
  std::string space;
  std::vector<deploy::Object> objects;
};

// The taints of the nodes that --node names, so that pods may run there.
Status tolerate_nodes(deploy::Targets& targets, kube::Client& client) {
  for (const auto& name : targets.nodes) {
    MARVEL_TRY(const auto node, taint::get_node(client, name));
    for (const auto& one : node.taints) {
      const bool own = one.key.rfind("node.kubernetes.io/", 0) == 0;
      if (one.effect != "PreferNoSchedule" && !own) {
        targets.tolerations.push_back({one.key, one.value, one.effect});
      }
    }
  }
  return {};
}

std::string name_of(const ApplyFlags& flags, const std::vector<deploy::Template>& templates,
                    const RenderedFiles& rendered) {
  if (!flags.manifests.name.empty()) {
    return flags.manifests.name;
  }
  for (const auto& one : rendered.by_template) {
    if (const auto found = one.values.find("NAME"); found != one.values.end()) {
      return found->second;
    }
  }
  return templates.size() == 1 ? id_of(templates.front()) : "";
}

Result<Service> read_service(ApplyFlags& flags, const kube::Access& access, kube::Client& client,
                             Session& session) {
  MARVEL_TRY(const auto templates, read_templates(flags.manifests, session));
  MARVEL_TRY(auto values, read_values(flags.manifests, templates, session));
  values.emplace("NAMESPACE", deploy::Value{access.namespace_name, false});
  MARVEL_TRY(auto targets, read_targets(flags.manifests));
  MARVEL_TRY_STATUS(tolerate_nodes(targets, client));
  auto rendered = render_files(templates, values, targets, false);
  if (!rendered) {
    Error error = std::move(rendered).error();
    error.reason = error.code == Errc::kConflict ? "infeasible" : error.reason;
    return fail(std::move(error));
  }
  Service service{name_of(flags, templates, *rendered), access.namespace_name, {}};
  if (service.name.empty()) {
    return fail(Errc::kUsage,
                templates.size() == 1
                    ? "no name for the service: " + templates.front().file + " makes none"
                    : "several files, and no name for what they make together",
                "give one, as in --name grn");
  }
  for (const auto& one : templates) {
    if (one.header) {
      const std::string id = id_of(one);
      flags.rules.options.origin = id.empty() ? "template" : id;  // empty is for plain manifests
      flags.rules.options.singleton |= one.header->singleton;
    }
  }
  service.objects = std::move(rendered->objects);
  return service;
}

// Exit code 1 with the reason, for a place that the manifest itself rules out.
Result<Answer> not_applied(const Error& error, Log& log) {
  if (error.reason != "infeasible") {
    return fail(error);
  }
  log.write(LogLevel::kError, describe(error));
  Answer answer;
  answer.exit_code = kExitNo;
  return answer;
}

Result<rollout::ApplyReport> run_engine(ApplyFlags& flags, Session& session,
                                        std::shared_ptr<kube::Connection>& connection) {
  flags.cluster.namespace_name = flags.manifests.space;
  MARVEL_TRY(connection, connect(flags.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const Service service, read_service(flags, connection->access(), client, session));
  return apply_service(connection, service.name, service.space, service.objects, flags.rules,
                       session);
}

// --- the verbs ---

Result<Answer> run_apply(ApplyFlags& flags, Session& session) {
  std::shared_ptr<kube::Connection> connection;
  const auto report = run_engine(flags, session, connection);
  if (!report) {
    return not_applied(report.error(), session.context.log);
  }
  return finish_apply(connection, *report, flags.rules, session);
}

Result<Answer> run_diff(ApplyFlags& flags, Session& session) {
  flags.rules.options.dry_run = DryRun::kServer;
  flags.rules.options.with_changes = true;
  std::shared_ptr<kube::Connection> connection;
  const auto report = run_engine(flags, session, connection);
  if (!report) {
    return not_applied(report.error(), session.context.log);
  }
  return diff_answer(*report, session.context.log);
}

Result<Answer> run_status(const ServiceFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const auto inventory, find_service(client, flags.service));
  kube::Discovery discovery(client);
  rollout::WaitRules rules;
  rules.unschedulable_seconds = 0;  // told at once: nobody waits here
  MARVEL_TRY(auto state, rollout::read_state(client, discovery, inventory, rules));
  hide_secrets(client, state);
  show_warnings(*connection, session.context.log);
  return state_answer(state, false);
}

Result<Answer> run_wait(const ServiceFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const auto inventory, find_service(client, flags.service));
  MARVEL_TRY(auto state, wait_on(connection, inventory, flags.waiting, session));
  hide_secrets(client, state);
  return state_answer(state, true);
}

Result<Answer> run_list(const ServiceFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  kube::Client client(connection);
  const std::string space = flags.all_namespaces ? "" : connection->access().namespace_name;
  MARVEL_TRY(const auto services, rollout::list_inventories(client, space));
  return services_answer(services);
}

Result<Answer> run_delete(const ServiceFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  kube::Client client(connection);
  MARVEL_TRY(const auto inventory, find_service(client, flags.service));
  kube::Discovery discovery(client);
  MARVEL_TRY(const auto members, rollout::list_members(client, discovery, inventory));
  if (flags.dry_run == DryRun::kNone) {
    std::vector<rollout::ObjectRef> refs;
    for (const auto& member : members) {
      refs.push_back(member.ref);
    }
    MARVEL_TRY_STATUS(agree_to_delete(refs, flags.consent, session.context.log));
  }
  MARVEL_TRY(const auto results,
             rollout::remove_service(connection, inventory, members, flags.dry_run,
                                     lease_rules(session.context.log)));
  show_warnings(*connection, session.context.log);
  return removed_answer(inventory, results, flags.dry_run, session.context.log);
}

// --- flags ---

std::vector<Row> apply_exits() {
  return {{"1", "not ready, a singleton runs already, or an object is another service's"},
          {"2", "a template, a value or an object is wrong"},
          {"3", "the cluster refused, a field or the service belongs to another, or time is over"}};
}

void add_apply(CommandTree& tree, CLI::App& deploy, const Predefined& predefined) {
  const auto flags = std::make_shared<ApplyFlags>(predefined);
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy apply -f app.yaml --layer GRNEDGE1",
       "bring it to a layer, and wait on a terminal"},
      {"marvel deploy apply kafka --set SERVERS=3 --wait", "from the local catalogue"},
      {"marvel deploy apply -f app.yaml --dry-run server", "what would happen"}};
  notes.exit_codes = apply_exits();
  notes.see_also = {"deploy diff", "deploy status"};
  notes.run = [flags](Session& session) { return run_apply(*flags, session); };
  CLI::App& command = tree.add(deploy, "apply", "Make a service what its template or manifest says",
                               "Cluster", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_manifests(bind, flags->manifests);
  bind_targets(bind, flags->manifests);
  bind.group("Applying");
  bind.flag("--replace", flags->rules.options.replace,
            "Also a service of that name made from another template");
  bind_applying(bind, flags->rules);
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster, false);
}

void add_diff(CommandTree& tree, CLI::App& deploy, const Predefined& predefined) {
  const auto flags = std::make_shared<ApplyFlags>(predefined);
  CommandNotes notes;
  notes.examples = {{"marvel deploy diff -f app.yaml", "what apply would change, field by field"}};
  notes.exit_codes = {{"0", "nothing differs"}, {"1", "something differs"}};
  notes.run = [flags](Session& session) { return run_diff(*flags, session); };
  CLI::App& command =
      tree.add(deploy, "diff", "Show what apply would change", "Cluster", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_manifests(bind, flags->manifests);
  bind_targets(bind, flags->manifests);
  bind.group("Comparing");
  bind.flag("--force-conflicts", flags->rules.options.force_conflicts,
            "As if fields of others were taken over");
  bind.flag("--replace", flags->rules.options.replace,
            "Also with a service of that name made from another template");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster, false);
}

void bind_service_and_waiting(Binder& bind, ServiceFlags& flags) {
  bind_service(bind, flags);
  bind_waiting(bind, flags.waiting);
}

void bind_list(Binder& bind, ServiceFlags& flags) {
  bind.group("Services");
  bind.flag("--all-namespaces,-A", flags.all_namespaces, "Of all namespaces");
}

void bind_delete(Binder& bind, ServiceFlags& flags) {
  bind_service(bind, flags);
  bind.group("Deleting");
  bind_dry_run(bind, flags.dry_run);
  bind_consent(bind, flags.consent);
}

}  // namespace

void register_deploy_cluster(CommandTree& tree, CLI::App& deploy, const Predefined& predefined) {
  add_apply(tree, deploy, predefined);
  add_diff(tree, deploy, predefined);
  CommandNotes notes;
  notes.examples = {{"marvel deploy status grn-vad", "every object, and why it is not ready"}};
  notes.exit_codes = {{"0", "all is ready"}, {"1", "something is not"}};
  add_verb(tree, deploy, {"status", "Show whether a service runs, and why not", notes, run_status},
           bind_service);
  notes.examples = {{"marvel deploy wait grn-vad --wait-timeout 2m",
                     "until all is ready, or something has failed"}};
  notes.exit_codes = {{"0", "all is ready"}, {"1", "something has failed"}, {"3", "time is over"}};
  add_verb(tree, deploy, {"wait", "Wait until a service is ready", notes, run_wait},
           bind_service_and_waiting);
  notes.examples = {{"marvel deploy list -A", "services of all namespaces"}};
  notes.exit_codes = {};
  add_verb(tree, deploy, {"list", "Show the services of a namespace", notes, run_list}, bind_list);
  notes.examples = {{"marvel deploy delete grn-vad", "the service and all of its objects"},
                    {"marvel deploy delete grn-vad --yes", "from a script"}};
  add_verb(tree, deploy, {"delete", "Delete a service and all of its objects", notes, run_delete},
           bind_delete);
}

}  // namespace marvel::cli
