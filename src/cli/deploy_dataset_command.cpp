#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/ask.hpp"
#include "cli/cluster_flags.hpp"
#include "cli/deploy_cluster_view.hpp"
#include "cli/deploy_command.hpp"
#include "cli/deploy_service.hpp"
#include "config/json.hpp"
#include "deploy/rollout/datasets.hpp"
#include "report/table.hpp"

#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using rollout::DryRun;

struct DatasetFlags {
  ClusterFlags cluster;
  rollout::DatasetSpec spec;
  rollout::ApplyOptions options;
  std::string credentials;  // file of keys
  bool all_namespaces = false;
  bool force = false;
  bool yes = false;
};

// What every verb begins with: a connection, and the kind that this cluster has.
struct Reach {
  std::shared_ptr<kube::Connection> connection;
  kube::Client client;
  kube::Resource kind;
  std::string space;
};

Result<Reach> reach(const DatasetFlags& flags, Session& session) {
  MARVEL_TRY(auto connection, connect(flags.cluster, session));
  kube::Client client(connection);
  kube::Discovery discovery(client);
  MARVEL_TRY(auto kind, rollout::dataset_kind(discovery));
  std::string space = flags.all_namespaces ? "" : connection->access().namespace_name;
  return Reach{std::move(connection), std::move(client), std::move(kind), std::move(space)};
}

Result<std::optional<rollout::AccessKeys>> keys_of(const DatasetFlags& flags) {
  if (flags.credentials.empty()) {
    return std::optional<rollout::AccessKeys>();
  }
  if (!flags.spec.secret.empty()) {
    return fail(Errc::kUsage, "--credentials and --secret both name keys", "give one of them");
  }
  MARVEL_TRY(const std::string text, read_input(flags.credentials));
  MARVEL_TRY(auto keys, rollout::read_access_keys(text, flags.credentials));
  return std::optional(std::move(keys));
}

Result<Answer> run_add(const DatasetFlags& flags, Session& session) {
  rollout::DatasetSpec with_keys = flags.spec;
  MARVEL_TRY(const auto keys, keys_of(flags));
  with_keys.secret = keys ? rollout::keys_secret(flags.spec.name) : flags.spec.secret;
  MARVEL_TRY([[maybe_unused]] const auto valid, rollout::dataset_fields(with_keys));
  MARVEL_TRY(auto there, reach(flags, session));
  MARVEL_TRY(const auto results,
             rollout::add_dataset(there.client, there.kind, there.space, flags.spec,
                                  keys ? &*keys : nullptr, flags.options));
  show_warnings(*there.connection, session.context.log);
  return objects_answer(results, flags.options.dry_run, session.context.log);
}

Result<Answer> run_list(const DatasetFlags& flags, Session& session) {
  MARVEL_TRY(auto there, reach(flags, session));
  MARVEL_TRY(const auto datasets, rollout::list_datasets(there.client, there.kind, there.space));
  report::Table table({"namespace", "dataset", "source", "claim", "used by"});
  std::vector<std::string> items;
  for (const auto& one : datasets) {
    const std::string claim = one.claim.empty() ? "none" : one.claim;
    table.row({one.space, one.name, one.source,
               one.problem.empty() ? claim : claim + ": " + one.problem,
               one.used_by.empty() ? "-" : join(one.used_by, ", ")});
    std::vector<std::string> pods;
    for (const auto& pod : one.used_by) {
      pods.push_back(json_string(pod));
    }
    items.push_back(json_object({{"namespace", json_string(one.space)},
                                 {"name", json_string(one.name)},
                                 {"source", json_string(one.source)},
                                 {"claim", json_string(one.claim)},
                                 {"problem", json_string(one.problem)},
                                 {"used_by", "[" + join(pods, ",") + "]"}}));
  }
  Answer answer;
  answer.text = datasets.empty() ? "" : table.text();
  answer.json = json_object({{"schema", json_string("marvel.deploy.datasets/1")},
                             {"datasets", "[" + join(items, ",") + "]"}});
  return answer;
}

Result<Answer> run_delete(const DatasetFlags& flags, Session& session) {
  MARVEL_TRY(auto there, reach(flags, session));
  if (flags.options.dry_run == DryRun::kNone) {
    MARVEL_TRY_STATUS(
        agree({"Delete dataset " + flags.spec.name + "?", "to delete", "nothing was deleted"},
              flags.yes));
  }
  MARVEL_TRY(const auto results,
             rollout::delete_dataset(there.client, there.kind, there.space, flags.spec.name,
                                     flags.force, flags.options.dry_run));
  show_warnings(*there.connection, session.context.log);
  return objects_answer(results, flags.options.dry_run, session.context.log);
}

using Run = Result<Answer> (*)(const DatasetFlags&, Session&);

struct Added {
  CLI::App* command;
  std::shared_ptr<DatasetFlags> flags;
};

Added add(CommandTree& tree, CLI::App& group, const char* name, const char* purpose,
          CommandNotes notes, Run run) {
  auto flags = std::make_shared<DatasetFlags>();
  notes.run = [flags, run](Session& session) { return run(*flags, session); };
  CLI::App& command = tree.add(group, name, purpose, "Commands", std::move(notes));
  return {&command, std::move(flags)};
}

void bind_name(Binder& bind, DatasetFlags& flags) {
  bind.positional("name", flags.spec.name, "Name of the dataset").required = true;
}

void register_add(CommandTree& tree, CLI::App& group) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy dataset add audio s3://grn-audio --endpoint http://minio.grn:9000 "
       "--credentials ~/.aws/credentials",
       "a bucket; its keys go into a Secret"},
      {"marvel deploy dataset add labels https://data.example/labels.tar", "an archive"}};
  notes.exit_codes = {{"3", "the cluster has no Datashim, or refused"}};
  const auto [command, flags] =
      add(tree, group, "add", "Make a dataset, or change it", std::move(notes), run_add);
  Binder bind(tree, *command);
  bind.this_run_only(true);
  bind_name(bind, *flags);
  bind.positional("source", flags->spec.source,
                  "s3://BUCKET, h3+URI, nfs://SERVER/FOLDER, or the URL of a tar archive")
      .required = true;
  bind.group("Source");
  bind.value("--endpoint", "URL", flags->spec.endpoint, "Server of an S3 bucket");
  bind.value("--region", "NAME", flags->spec.region, "Region of an S3 bucket");
  bind.value("--bucket", "NAME", flags->spec.bucket, "Bucket of an H3 storage");
  bind.value("--credentials", "FILE", flags->credentials,
             "Access keys, as AWS's tools keep them; - for standard input")
      .files = Files::kFile;
  bind.value("--secret", "NAME", flags->spec.secret,
             "Secret of the namespace that holds accessKeyID and secretAccessKey");
  bind.flag("--read-only", flags->spec.read_only, "Pods may not write");
  bind.flag("--create-bucket", flags->spec.create_bucket, "Make the bucket if it is not there");
  bind.group("Applying");
  bind_dry_run(bind, flags->options.dry_run);
  bind.flag("--force-conflicts", flags->options.force_conflicts,
            "Take fields over that others own");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

void register_list(CommandTree& tree, CLI::App& group) {
  CommandNotes notes;
  notes.examples = {{"marvel deploy dataset list -A", "with their claims, and who mounts them"}};
  const auto [command, flags] =
      add(tree, group, "list", "Show the datasets of a namespace", std::move(notes), run_list);
  Binder bind(tree, *command);
  bind.this_run_only(true);
  bind.group("Datasets");
  bind.flag("--all-namespaces,-A", flags->all_namespaces, "Of all namespaces");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

void register_delete(CommandTree& tree, CLI::App& group) {
  CommandNotes notes;
  notes.examples = {{"marvel deploy dataset delete audio", "unless a pod mounts it; data stay"}};
  notes.exit_codes = {{"3", "it is mounted, or not there, or the cluster refused"}};
  const auto [command, flags] =
      add(tree, group, "delete", "Delete a dataset, not its data", std::move(notes), run_delete);
  Binder bind(tree, *command);
  bind.this_run_only(true);
  bind_name(bind, *flags);
  bind.group("Deleting");
  bind.flag("--force", flags->force, "Even while pods mount it");
  bind_dry_run(bind, flags->options.dry_run);
  bind.flag("--yes,-y", flags->yes, "Do not ask");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

}  // namespace

void register_deploy_dataset(CommandTree& tree, CLI::App& deploy) {
  CommandNotes notes;
  notes.examples = {{"marvel deploy dataset list", "what pods of this namespace can mount"}};
  CLI::App& group = tree.add(deploy, "dataset", "Tell pods where data lie, as volumes", "Cluster",
                             std::move(notes));
  register_add(tree, group);
  register_list(tree, group);
  register_delete(tree, group);
}

}  // namespace marvel::cli
