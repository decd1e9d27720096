#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/ask.hpp"
#include "cli/bind.hpp"
#include "cli/cluster_flags.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/taint_view.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/taint/check.hpp"
#include "deploy/taint/desired.hpp"
#include "deploy/taint/writer.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>

namespace marvel::cli {
namespace {

using taint::DryRun;

// Flags of the commands that change nodes.
struct WriteFlags {
  ClusterFlags cluster;
  DryRun dry_run = DryRun::kNone;
  std::string undo_file;
  bool yes = false;
};

struct NodesFlags : WriteFlags {
  std::vector<std::string> words;
  taint::EditRules rules;
  taint::Selection selection;
};

struct ApplyFlags : WriteFlags {
  std::string file;
  bool diff = false;
};

struct ListFlags {
  ClusterFlags cluster;
  std::vector<std::string> names;
  std::string selector;
};

struct CheckFlags {
  ClusterFlags cluster;
  std::vector<std::string> targets;
  bool all_nodes = false;
};

constexpr std::size_t kShownNodes = 20;

Result<std::string> read_input(const std::string& file) {
  if (file != "-") {
    return read_file(file);
  }
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

// --- the eviction preview ---

// Whether pods may have to leave: not for what is there already, as on a node that is unreachable.
bool adds_no_execute(const taint::NodeResult& result) {
  const auto& before = result.before.taints;
  return result.edit.writes() &&
         std::any_of(result.edit.taints.begin(), result.edit.taints.end(), [&](const auto& taint) {
           return taint.effect == "NoExecute" &&
                  std::find(before.begin(), before.end(), taint) == before.end();
         });
}

Result<std::vector<taint::Eviction>> preview(const std::vector<taint::NodeResult>& plan,
                                             const std::shared_ptr<kube::Connection>& connection) {
  std::vector<taint::NodeResult> struck;
  std::copy_if(plan.begin(), plan.end(), std::back_inserter(struck), adds_no_execute);
  std::vector<taint::Eviction> all;
  if (struck.empty()) {
    return all;
  }
  kube::Client client(connection);
  const std::string only = struck.size() == 1 ? struck.front().node : "";
  MARVEL_TRY(const auto pods, taint::list_bound_pods(client, only));
  for (const auto& result : struck) {
    const auto some = taint::evictions(pods, result.node, result.before.taints, result.edit.taints);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// Shows who would have to leave, and asks whether they shall.
Status settle_evictions(const std::vector<taint::Eviction>& evictions, const WriteFlags& flags,
                        Log& log) {
  if (evictions.empty()) {
    return {};
  }
  for (const auto& line : split(trim(evictions_text(evictions)), '\n')) {
    log.info(line);
  }
  const std::string pods = std::to_string(evictions.size()) + " pod(s)";
  return agree({"Evict " + pods + "?", "to evict " + pods, "nothing was changed"},
               flags.yes || flags.dry_run != DryRun::kNone);
}

using Write = std::function<Result<std::vector<taint::NodeResult>>(DryRun)>;

// The way back of earlier runs, which the file of --undo has. A file that is none is replaced.
Result<taint::Desired> earlier_way_back(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    return taint::Desired();
  }
  MARVEL_TRY(const std::string text, read_file(file));
  auto earlier = taint::parse_desired(text, file);
  return earlier && earlier->selectors.empty() ? std::move(*earlier) : taint::Desired();
}

// Keeps the way back from `results`, behind that of `earlier` runs: repeating a command must not
// take what it was at first for what it made of it. Nothing to go back from is no file.
Status keep_undo(const WriteFlags& flags, const taint::Desired& earlier,
                 const std::vector<taint::NodeResult>& results) {
  const taint::Desired back = taint::way_back(results);
  return back.nodes.empty() ? Status()
                            : write_file_atomically(flags.undo_file,
                                                    taint::file_text(taint::joined(earlier, back)));
}

// The file written before the nodes says what they were then. Where somebody else wrote to a node
// in between, it is written again; when that fails the first one is still there.
void correct_undo(const WriteFlags& flags, const taint::Desired& earlier,
                  const std::vector<taint::NodeResult>& plan,
                  const std::vector<taint::NodeResult>& results, Log& log) {
  if (taint::file_text(taint::way_back(plan)) != taint::file_text(taint::way_back(results))) {
    if (const Status status = keep_undo(flags, earlier, results); !status) {
      log.warning(flags.undo_file + " is the way back from what was planned, not from what was " +
                  "done: " + status.error().message);
    }
  }
}

// Looks first where pods may have to leave or the way back is wanted, keeps that, and only then
// writes: a file that cannot be written costs nothing, and a run that is killed leaves it behind.
Result<Answer> write_and_answer(const WriteFlags& flags, bool may_evict, bool kubectl,
                                const Write& write,
                                const std::shared_ptr<kube::Connection>& connection, Log& log) {
  WriteView view{flags.dry_run, kubectl, {}};
  const bool evicts = may_evict && !kubectl;
  const bool undo = !flags.undo_file.empty() && flags.dry_run == DryRun::kNone;
  std::vector<taint::NodeResult> plan;
  if (evicts || undo) {
    MARVEL_TRY(plan, write(DryRun::kClient));
  }
  if (evicts) {
    MARVEL_TRY(view.evictions, preview(plan, connection));
    MARVEL_TRY_STATUS(settle_evictions(view.evictions, flags, log));
  }
  taint::Desired earlier;
  if (undo) {
    MARVEL_TRY(earlier, earlier_way_back(flags.undo_file));
    if (!earlier.nodes.empty()) {
      log.info(flags.undo_file + " has the way back of earlier runs: what it says of " +
               std::to_string(earlier.nodes.size()) +
               " node(s) stays; remove the file to begin a new one");
    }
    MARVEL_TRY_STATUS(keep_undo(flags, earlier, plan));
  }
  MARVEL_TRY(const auto results, write(flags.dry_run));
  show_warnings(*connection, log);
  if (undo) {
    correct_undo(flags, earlier, plan, results, log);
  }
  return written_answer(results, view, log);
}

// --- taint nodes ---

Status check(const taint::Selection& selection) {
  if (selection.all && !selection.selector.empty()) {
    return fail(Errc::kUsage, "setting 'all' parameter with a non empty selector is prohibited",
                "give --all or --selector");
  }
  const bool others = selection.all || !selection.selector.empty();
  if (!others && selection.names.empty()) {
    return fail(Errc::kUsage,
                "at least one resource name must be specified since 'all' parameter is not set",
                "name nodes, or give --selector or --all");
  }
  if (others && !selection.names.empty()) {
    return fail(Errc::kUsage, "nodes are named and selected at once", "do one of the two");
  }
  return {};
}

Result<Answer> taint_nodes(const NodesFlags& flags, Session& session) {
  MARVEL_TRY(const taint::Request request, taint::parse_request(flags.words));
  taint::Selection selection = flags.selection;
  selection.names = request.nodes;
  MARVEL_TRY_STATUS(check(selection));
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  bool may_evict = false;
  for (const auto& one : request.add) {
    may_evict |= one.effect == "NoExecute";
  }
  const auto write = [&](DryRun dry_run) {
    return taint::write_nodes(
        connection, selection,
        [&](const scheduling::Node& node) { return taint::edit(node, request, flags.rules); },
        dry_run);
  };
  return write_and_answer(flags, may_evict, flags.rules.kubectl, write, connection,
                          session.context.log);
}

// In kubectl's mode every failure is exit code 1 and a line "error: ...".
Result<Answer> run_nodes(const NodesFlags& flags, Session& session) {
  auto answer = taint_nodes(flags, session);
  if (answer || !flags.rules.kubectl) {
    return answer;
  }
  session.context.log.write(LogLevel::kError, answer.error().message);
  Answer no;
  no.exit_code = kExitNo;
  return no;
}

// --- the others ---

Result<Answer> run_apply(const ApplyFlags& flags, Session& session) {
  MARVEL_TRY(const std::string text, read_input(flags.file));
  MARVEL_TRY(const taint::Desired desired, taint::parse_desired(text, flags.file));
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  WriteFlags how = static_cast<const WriteFlags&>(flags);
  how.dry_run = flags.diff ? DryRun::kClient : flags.dry_run;
  const auto write = [&](DryRun dry_run) {
    return taint::apply_desired(connection, desired, dry_run);
  };
  MARVEL_TRY(Answer answer,
             write_and_answer(how, true, false, write, connection, session.context.log));
  if (flags.diff) {
    MARVEL_TRY(const auto plan, write(DryRun::kClient));
    answer.text = diff_text(plan);
    answer.exit_code =
        answer.text.empty() ? answer.exit_code : std::max<int>(answer.exit_code, kExitNo);
  }
  return answer;
}

Result<Answer> run_list(const ListFlags& flags, Session& session) {
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  kube::Client client(connection);
  std::vector<scheduling::Node> nodes;
  if (flags.names.empty()) {
    MARVEL_TRY(nodes, taint::list_nodes(client, flags.selector));
  }
  for (const auto& name : flags.names) {
    MARVEL_TRY(auto node, taint::get_node(client, name));
    nodes.push_back(std::move(node));
  }
  return nodes_answer(nodes);
}

bool names_a_file(const std::string& target) {
  std::error_code ignored;
  const std::filesystem::path path(target);
  const auto ending = path.extension();
  return target == "-" || ending == ".yaml" || ending == ".yml" || ending == ".json" ||
         std::filesystem::is_regular_file(path, ignored);
}

Result<Answer> run_check(const CheckFlags& flags, Session& session) {
  if (flags.targets.empty()) {
    return fail(Errc::kUsage, "no file and no pod is given", "marvel taint check FILE|POD...");
  }
  MARVEL_TRY(const auto connection, connect(flags.cluster, session));
  const std::string space = connection->access().namespace_name;
  kube::Client client(connection);
  std::vector<scheduling::Pod> pods;
  std::set<std::string> running;
  for (const auto& target : flags.targets) {
    if (names_a_file(target)) {
      MARVEL_TRY(const std::string text, read_input(target));
      MARVEL_TRY(const auto some, taint::pods_of_file(text, target));
      pods.insert(pods.end(), some.begin(), some.end());
    } else {
      MARVEL_TRY(auto pod, taint::pod_of_cluster(client, space, target));
      running.insert(pod.namespace_name + "/" + pod.name);
      pods.push_back(std::move(pod));
    }
  }
  MARVEL_TRY(const auto cluster, taint::read_cluster(client, running));
  show_warnings(*connection, session.context.log);
  ChecksView view(cluster, flags.all_nodes ? 0 : kShownNodes,
                  session.globals.output == OutputFormat::kTable);
  for (const auto& pod : pods) {
    view.add(taint::check(pod, cluster));
  }
  return view.answer();
}

// --- flags ---

void bind_writing(Binder& bind, WriteFlags& flags) {
  bind.group("Writing");
  bind.choice(
      "--dry-run", {"none", "client", "server"}, 0,
      [&flags](std::size_t index) { flags.dry_run = static_cast<DryRun>(index); },
      "Say what would be done: worked out here, or tried by the server");
  bind.value("--undo", "FILE", flags.undo_file,
             "Write FILE, which 'marvel taint apply -f' takes to go back")
      .files = Files::kFile;
  bind.flag("--yes,-y", flags.yes, "Do not ask before pods are evicted");
}

std::vector<Row> taint_exits() {
  return {{"1", "a taint was in the way, or one to remove was absent"},
          {"3", "the cluster, or some nodes, failed"}};
}

void add_nodes(CommandTree& tree, CLI::App& parent, const std::string& name,
               const std::string& purpose) {
  const auto flags = std::make_shared<NodesFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel taint nodes grnedge1 Layer=GRNEDGE1:NoSchedule --label",
                     "dedicate a node: taint and label"},
                    {"marvel taint nodes grnedge1 Layer:NoSchedule-", "take the taint away"},
                    {"marvel taint nodes -l tier=edge maintenance:NoExecute --dry-run client",
                     "who would have to leave"}};
  notes.exit_codes = taint_exits();
  notes.see_also = {"taint apply", "taint check"};
  notes.run = [flags](Session& session) { return run_nodes(*flags, session); };
  CLI::App& command = tree.add(parent, name, purpose, "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind.positional("words", flags->words,
                  "Node names, then taints: key[=value]:Effect adds, key[:Effect]- removes");
  bind.group("Nodes");
  bind.value("--selector,-l", "SELECTOR", flags->selection.selector, "All nodes with these labels");
  bind.flag("--all", flags->selection.all, "All nodes");
  bind.group("Taints");
  bind.flag("--overwrite", flags->rules.overwrite,
            "Replace another value of the same key and effect");
  bind.flag("--label", flags->rules.label,
            "Set (or remove) the label of the same key, in the same write");
  bind.flag("--ignore-not-found", flags->rules.ignore_not_found,
            "Removing an absent taint is no failure");
  bind.choice(
      "--compat", {"marvel", "kubectl"}, 0,
      [flags](std::size_t index) { flags->rules.kubectl = index == 1; },
      "kubectl: its messages and its exit codes 0 and 1");
  bind_writing(bind, *flags);
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

void add_list(CommandTree& tree, CLI::App& parent) {
  const auto flags = std::make_shared<ListFlags>();
  CommandNotes notes;
  notes.examples = {{"marvel taint list -l tier=edge", "nodes of the edge and their taints"}};
  notes.run = [flags](Session& session) { return run_list(*flags, session); };
  CLI::App& command =
      tree.add(parent, "list", "Show nodes and their taints", "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind.positional("node", flags->names, "Nodes to show; all when none is given");
  bind.group("Nodes");
  bind.value("--selector,-l", "SELECTOR", flags->selector, "All nodes with these labels");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

void add_check(CommandTree& tree, CLI::App& parent) {
  const auto flags = std::make_shared<CheckFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel taint check app.yaml", "which nodes would take these pods, and why not"},
      {"marvel taint check grn/vad-0", "the same for a pod of the cluster"}};
  notes.exit_codes = {{"1", "some pod fits on no node"}};
  notes.run = [flags](Session& session) { return run_check(*flags, session); };
  CLI::App& command =
      tree.add(parent, "check", "Say which nodes would take a pod, and why not the others",
               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind.positional("target", flags->targets,
                  "YAML files with pods or workloads, or [namespace/]pod");
  bind.group("Output");
  bind.flag("--all-nodes", flags->all_nodes, "Show every node, not the first 20");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

void add_apply(CommandTree& tree, CLI::App& parent) {
  const auto flags = std::make_shared<ApplyFlags>();
  CommandNotes notes;
  notes.examples = {
      {"marvel taint apply -f layers.yaml --diff", "what is not as the file wants it"},
      {"marvel taint apply -f layers.yaml --undo back.yaml", "make it so, and keep the way back"}};
  notes.exit_codes = {{"1", "with --diff: something differs"},
                      {"3", "the cluster, or some nodes, failed"}};
  notes.run = [flags](Session& session) { return run_apply(*flags, session); };
  CLI::App& command = tree.add(parent, "apply", "Give nodes the taints and labels that a file says",
                               "Commands", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind.group("Desired state");
  bind.value("--filename,-f", "FILE", flags->file, "YAML file; - for standard input").files =
      Files::kFile;
  bind.flag("--diff", flags->diff, "Show what differs and change nothing");
  bind_writing(bind, *flags);
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster);
}

void fill_taint(CommandTree& tree, CLI::App& taint) {
  add_nodes(tree, taint, "nodes", "Add and remove taints of nodes");
  add_nodes(tree, taint, "node", "The same as nodes");
  add_list(tree, taint);
  add_check(tree, taint);
  add_apply(tree, taint);
}

}  // namespace

void register_taint(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel taint nodes grnedge1 Layer=GRNEDGE1:NoSchedule --label", "dedicate a node"},
      {"marvel taint check app.yaml", "which nodes would take these pods"}};
  tree.add_closed("taint", "Mark nodes, and say which pods they take", "Cluster", std::move(notes),
                  fill_taint);
}

}  // namespace marvel::cli
