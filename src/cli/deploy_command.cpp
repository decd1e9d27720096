#include "cli/deploy_command.hpp"

#include "cli/deploy_images_command.hpp"
#include "cli/exit_code.hpp"
#include "deploy/karvdash.hpp"

#include <memory>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

struct RenderFlags {
  explicit RenderFlags(const Predefined& predefined) : manifests(predefined) {}

  ManifestFlags manifests;
  bool show_secrets = false;
  std::size_t engine = 0;  // 0: ours, 1: karvdash
};

}  // namespace

Answer rendered_answer(const std::vector<deploy::Object>& objects) {
  nlohmann::json list = nlohmann::json::array();
  for (const deploy::Object& object : objects) {
    list.push_back(object.body());
  }
  nlohmann::ordered_json document;
  document["schema"] = "marvel.deploy.render/1";
  document["objects"] = list;
  Answer answer;
  answer.text = deploy::write_yaml(objects);
  answer.json = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return answer;
}

namespace {

// A target that a manifest contradicts is an answer, not a failure: exit code 1.
Result<Answer> no_place(const Error& error, Session& session) {
  session.context.log.write(LogLevel::kError, describe(error));
  Answer answer;
  answer.exit_code = kExitNo;
  return answer;
}

// The old engine's text, which may be no YAML: nothing can be aimed at targets.
Result<Answer> run_karvdash(const RenderFlags& flags, Session& session) {
  if (!flags.manifests.layers.empty() || !flags.manifests.nodes.empty() ||
      session.globals.output != OutputFormat::kTable) {
    return fail(Errc::kUsage, "--compat karvdash prints the old engine's bytes and nothing else",
                "leave out --layer, --node, --json and --output, or --compat");
  }
  MARVEL_TRY(const auto templates, read_templates(flags.manifests, session));
  MARVEL_TRY(const auto values, read_values(flags.manifests, templates, session));
  const auto secrets = flags.show_secrets ? deploy::Secrets::kShow : deploy::Secrets::kMaskAll;
  Answer answer;
  for (const deploy::Template& source : templates) {
    MARVEL_TRY(const std::string text, deploy::render_like_karvdash(source, {values, secrets}));
    answer.text += text;
  }
  return answer;
}

Result<Answer> run_render(const RenderFlags& flags, Session& session) {
  if (flags.engine == 1) {
    return run_karvdash(flags, session);
  }
  MARVEL_TRY(const auto templates, read_templates(flags.manifests, session));
  MARVEL_TRY(const auto values, read_values(flags.manifests, templates, session));
  MARVEL_TRY(const auto targets, read_targets(flags.manifests));
  const auto rendered = render_files(templates, values, targets, !flags.show_secrets);
  if (!rendered && rendered.error().code == Errc::kConflict) {
    return no_place(rendered.error(), session);
  }
  if (!rendered) {
    return fail(rendered.error());
  }
  return rendered_answer(rendered->objects);
}

void add_render(CommandTree& tree, CLI::App& deploy, const Predefined& predefined) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy render kafka.template.yaml --set SERVERS=5", "the objects, as YAML"},
      {"marvel deploy render app.yaml --layer GRNEDGE1", "with what brings the pods to a layer"},
      {"marvel deploy render app.yaml --values secrets.yaml --show-secrets", "nothing masked"}};
  notes.exit_codes = {{"1", "a target contradicts the manifest's own placement"}};
  notes.environment = {{"MARVEL_VAR_<NAME>", "value of the variable NAME of a template"}};
  const auto flags = std::make_shared<RenderFlags>(predefined);
  notes.run = [flags](Session& session) { return run_render(*flags, session); };
  CLI::App& command = tree.add(deploy, "render", "Fill in a template and print its objects",
                               "Offline", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_manifests(bind, flags->manifests);
  bind_targets(bind, flags->manifests);
  bind.group("What is printed");
  bind.choice(
      "--compat", {"none", "karvdash"}, 0, [flags](std::size_t index) { flags->engine = index; },
      "The bytes of the engine before this one, defects included");
  bind.flag("--show-secrets", flags->show_secrets, "Secret values as they are, not masked");
}

// The flags of the group, which files may hold for all of its verbs.
Predefined bind_predefined(CommandTree& tree, CLI::App& deploy) {
  auto predefined = std::make_shared<std::vector<std::string>>();
  Binder bind(tree, deploy);
  bind.group("Platform");
  bind.list("--predefined", "NAME=VALUE", *predefined,
            "Value of HOSTNAME, REGISTRY, PRIVATE_DIR or another variable that the platform "
            "predefines, for templates that have it");
  return predefined;
}

void fill_deploy(CommandTree& tree, CLI::App& deploy) {
  const Predefined predefined = bind_predefined(tree, deploy);
  register_deploy_lint(tree, deploy, predefined);
  add_render(tree, deploy, predefined);
  register_deploy_cluster(tree, deploy, predefined);
  register_deploy_history(tree, deploy);
  register_deploy_logs(tree, deploy);
  register_deploy_template(tree, deploy);
  register_deploy_dataset(tree, deploy);
  register_deploy_images(tree, deploy, predefined);
}

}  // namespace

void register_deploy(CommandTree& tree) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy lint app.template.yaml", "what is wrong, and what to do"},
      {"marvel deploy apply -f app.template.yaml --layer GRNEDGE1", "to a layer's nodes"},
      {"marvel deploy status app", "what runs, and why not"}};
  tree.add_closed("deploy", "Roll out applications to Kubernetes", "Cluster", std::move(notes),
                  fill_deploy);
}

}  // namespace marvel::cli
