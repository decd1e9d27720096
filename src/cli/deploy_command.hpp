#pragma once

#include "base/result.hpp"
#include "cli/bind.hpp"
#include "cli/command.hpp"
#include "deploy/render.hpp"
#include "deploy/targets.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace marvel::cli {

// What every verb of `marvel deploy` that takes manifests or templates shares: the flags that name
// them, give values and choose targets, and the way from there to objects. The order is always
// this:
//   MARVEL_TRY(const auto templates, read_templates(flags, session));
//   MARVEL_TRY(const auto values, read_values(flags, templates, session));
//   MARVEL_TRY(const auto targets, read_targets(flags));
//   MARVEL_TRY(const auto rendered, render_files(templates, values, targets, mask));
// What needs a cluster is in deploy_service.hpp.
//
// NAME=VALUE texts of the platform: one flag of the group, for all of its verbs. It is filled when
// the command line is parsed, so it is empty while verbs are registered.
using Predefined = std::shared_ptr<const std::vector<std::string>>;

// What the flags hold as text; nothing is opened or checked before the functions below.
struct ManifestFlags {
  explicit ManifestFlags(Predefined of_platform) : predefined(std::move(of_platform)) {}

  Predefined predefined;
  std::vector<std::string> files;  // -f and the words without a flag
  std::vector<std::string> words;
  // They stand on the command line, where others can read them, so a secret value among them is
  // refused; files are the place for secrets.
  std::vector<std::string> sets;    // NAME=VALUE
  std::vector<std::string> values;  // files
  std::string name;                 // the variable NAME
  std::string space;                // the variable NAMESPACE
  // "KEY=VALUE", or a value alone for the key "Layer".
  std::vector<std::string> layers;
  std::vector<std::string> nodes;
};

// Binds the flags that name files and give values; `bind_targets` those that choose nodes. `flags`
// must outlive the tree's last parse.
void bind_manifests(Binder& bind, ManifestFlags& flags);
void bind_targets(Binder& bind, ManifestFlags& flags);

// The files that the flags name, -f first, in the order given: files, the .yaml, .yml and .json
// files right in a folder by name, "-", or templates of the local catalogue. kUsage when they name
// none, kInput for a folder without any and for a bare word that is neither file nor template.
Result<std::vector<std::string>> input_files(const ManifestFlags& flags, Session& session);
// A file, or standard input for "-"; at most 16 MiB, kInput beyond. Standard input can be read
// once.
Result<std::string> read_input(const std::string& path);

// The templates and manifests that the flags name. kInput with file and line for one that is
// damaged. A file without a template's header is a manifest: a template without variables.
Result<std::vector<deploy::Template>> read_templates(const ManifestFlags& flags, Session& session);

// From strong to weak: --name and --namespace, --set, --values (the last file first),
// MARVEL_VAR_<NAME>, --predefined; defaults of templates come in when they are filled in. kUsage,
// with the likely meaning, for a name that no template has; kTakeAny is for whoever could not read
// all of them.
enum class Names { kCheck, kTakeAny };
Result<deploy::Values> read_values(const ManifestFlags& flags,
                                   const std::vector<deploy::Template>& templates, Session& session,
                                   Names names = Names::kCheck);

// kUsage for what can be no label or node. Without tolerations: taints of nodes are known only to
// the cluster, and apply adds them.
Result<deploy::Targets> read_targets(const ManifestFlags& flags);

// All of it: templates read, filled in, aimed at `targets`. With `mask`, without secrets: what is
// shown must be masked, what is sent must not.
struct RenderedFiles {
  // In the order of files and documents.
  std::vector<deploy::Object> objects;
  std::vector<deploy::Rendered> by_template;  // without their objects
};
// The first failure ends it. kConflict when a manifest's own placement leaves no node of the
// targets, which verbs tell as exit code 1; kInput and kUsage as for deploy::render.
Result<RenderedFiles> render_files(const std::vector<deploy::Template>& templates,
                                   const deploy::Values& values, const deploy::Targets& targets,
                                   bool mask);

// Objects as YAML and as marvel.deploy.render/1. As they are: whoever calls it has masked them.
// docs/formats/deploy-json.md.
Answer rendered_answer(const std::vector<deploy::Object>& objects);

// Each adds verbs below `deploy`. `predefined` is kept by the verbs that fill in templates. The
// order of calls is that of help.
void register_deploy_lint(CommandTree& tree, CLI::App& deploy, const Predefined& predefined);
void register_deploy_cluster(CommandTree& tree, CLI::App& deploy,
                             const Predefined& predefined);         // the verbs that need a cluster
void register_deploy_history(CommandTree& tree, CLI::App& deploy);  // history and rollback
void register_deploy_logs(CommandTree& tree, CLI::App& deploy);
void register_deploy_template(CommandTree& tree, CLI::App& deploy);
void register_deploy_dataset(CommandTree& tree, CLI::App& deploy);

// The names in the local catalogue, for completion. Sorted, without ".yaml"; none where there is no
// such folder. Files are not opened.
std::vector<std::string> template_names(const Environment& environment);
// The local catalogue's folder: $XDG_DATA_HOME/marvel/templates or under ~/.local/share. Empty
// without a home. It need not exist.
std::filesystem::path template_folder(const Environment& environment);

}  // namespace marvel::cli
