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
// them, give values and choose targets, and the way from there to objects.

// NAME=VALUE texts of the platform: one flag of the group, for all of its verbs.
using Predefined = std::shared_ptr<const std::vector<std::string>>;

struct ManifestFlags {
  explicit ManifestFlags(Predefined of_platform) : predefined(std::move(of_platform)) {}

  Predefined predefined;
  std::vector<std::string> files;  // -f and the words without a flag
  std::vector<std::string> words;
  std::vector<std::string> sets;    // NAME=VALUE
  std::vector<std::string> values;  // files
  std::string name;                 // the variable NAME
  std::string space;                // the variable NAMESPACE
  std::vector<std::string> layers;
  std::vector<std::string> nodes;
};

// Binds the flags that name files and give values; `bind_targets` those that choose nodes.
void bind_manifests(Binder& bind, ManifestFlags& flags);
void bind_targets(Binder& bind, ManifestFlags& flags);

// The files that the flags name: files, folders, "-", or templates of the local catalogue. kUsage
// when they name none.
Result<std::vector<std::string>> input_files(const ManifestFlags& flags, Session& session);
// A file, or standard input for "-"; at most 16 MiB.
Result<std::string> read_input(const std::string& path);

// The templates and manifests that the flags name.
Result<std::vector<deploy::Template>> read_templates(const ManifestFlags& flags, Session& session);

Result<deploy::Values> read_values(const ManifestFlags& flags,
                                   const std::vector<deploy::Template>& templates,
                                   Session& session);

Result<deploy::Targets> read_targets(const ManifestFlags& flags);

// All of it: templates read, filled in, aimed at `targets`. With `mask`, without secrets.
struct RenderedFiles {
  std::vector<deploy::Object> objects;
  std::vector<deploy::Rendered> by_template;  // without their objects
};
Result<RenderedFiles> render_files(const std::vector<deploy::Template>& templates,
                                   const deploy::Values& values, const deploy::Targets& targets,
                                   bool mask);

// Objects as YAML and as marvel.deploy.render/1.
Answer rendered_answer(const std::vector<deploy::Object>& objects);

// Each adds verbs below `deploy`.
void register_deploy_lint(CommandTree& tree, CLI::App& deploy, const Predefined& predefined);
void register_deploy_cluster(CommandTree& tree, CLI::App& deploy,
                             const Predefined& predefined);         // the verbs that need a cluster
void register_deploy_history(CommandTree& tree, CLI::App& deploy);  // history and rollback
void register_deploy_logs(CommandTree& tree, CLI::App& deploy);
void register_deploy_template(CommandTree& tree, CLI::App& deploy);
void register_deploy_dataset(CommandTree& tree, CLI::App& deploy);

// The names in the local catalogue, for completion.
std::vector<std::string> template_names(const Environment& environment);
// The local catalogue's folder: $XDG_DATA_HOME/marvel/templates or under ~/.local/share.
std::filesystem::path template_folder(const Environment& environment);

}  // namespace marvel::cli
