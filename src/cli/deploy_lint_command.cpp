#include "base/file.hpp"
#include "cli/cluster_flags.hpp"
#include "cli/deploy_command.hpp"
#include "cli/exit_code.hpp"
#include "deploy/fix.hpp"
#include "deploy/kube/client.hpp"
#include "deploy/kube/openapi.hpp"
#include "deploy/lint.hpp"
#include "deploy/openapi.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include <nlohmann/json.hpp>

namespace marvel::cli {
namespace {

using deploy::Finding;
using deploy::Severity;

struct LintFlags {
  explicit LintFlags(const Predefined& predefined) : manifests(predefined) {}

  ManifestFlags manifests;
  std::string version;
  bool server = false;
  ClusterFlags cluster;
  bool fix = false;
  bool all = false;
};

nlohmann::ordered_json finding_json(const Finding& finding) {
  nlohmann::ordered_json json;
  json["severity"] = deploy::severity_name(finding.severity);
  json["rule"] = finding.rule;
  json["file"] = finding.file;
  json["line"] = finding.position.line;
  json["column"] = finding.position.column;
  json["path"] = finding.path;
  json["message"] = finding.message;
  json["fix"] = finding.fix;
  return json;
}

std::string finding_text(const Finding& finding) {
  const std::string text = describe(finding.file, finding.position) + ": " +
                           std::string(deploy::severity_name(finding.severity)) + ": " +
                           finding.message + " [" + finding.rule + "]\n";
  return finding.fix.empty() ? text : text + "    " + finding.fix + "\n";
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [severity](const Finding& finding) { return finding.severity == severity; }));
}

std::string plural(std::size_t number, const std::string& word) {
  return std::to_string(number) + " " + word + (number == 1 ? "" : "s");
}

Answer findings_answer(const std::vector<Finding>& findings, std::size_t files) {
  const std::size_t errors = count(findings, Severity::kError);
  const std::size_t warnings = count(findings, Severity::kWarning);
  nlohmann::ordered_json document;
  document["schema"] = "marvel.deploy.lint/1";
  document["errors"] = errors;
  document["warnings"] = warnings;
  document["findings"] = nlohmann::ordered_json::array();
  Answer answer;
  for (const Finding& finding : findings) {
    document["findings"].push_back(finding_json(finding));
    answer.text += finding_text(finding);
  }
  answer.text += plural(files, "file") + ": " + plural(errors, "error") + ", " +
                 plural(warnings, "warning") + "\n";
  answer.json = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  answer.exit_code = errors == 0 ? kExitDone : kExitNo;
  return answer;
}

constexpr int kNewest = 37;  // of Kubernetes 1, that the built-in schema is of

Result<int> minor_version(const std::string& text) {
  const auto minor =
      text.starts_with("1.") ? parse_integer(text.substr(2)) : Result<std::int64_t>(-1);
  if (!minor || *minor < 0 || *minor > 1000) {
    return fail(Errc::kUsage, "'" + text + "' is no version of Kubernetes", "as in 1.37");
  }
  return static_cast<int>(*minor);
}

// Replaces a file, or what a link leads to. Its mode stays: it may hold secrets.
Status replace_file(const std::string& file, const std::string& text) {
  std::error_code error;
  const auto path = std::filesystem::canonical(file, error);
  return error ? Status(fail(Errc::kUnavailable, "cannot write '" + file + "': " + error.message()))
               : write_file_atomically(path, text);
}

// Converts what can be converted in place, and says what it did.
Status fix_files(const std::vector<std::string>& files, int minor, Log& log) {
  for (const std::string& file : files) {
    MARVEL_TRY(const std::string text, read_file(file));
    const auto fixed = deploy::fix_old_apis(text, file, minor);
    if (!fixed) {
      continue;  // broken YAML; lint tells
    }
    if (!fixed->changes.empty()) {
      MARVEL_TRY_STATUS(replace_file(file, fixed->text));
    }
    for (const std::string& change : fixed->changes) {
      log.info(change);
    }
  }
  return {};
}

// The files that could be read, and what is wrong with the others.
struct Sources {
  std::vector<deploy::Template> templates;
  std::vector<Finding> findings;
};

Result<Sources> read_sources(const std::vector<std::string>& files) {
  Sources sources;
  for (const std::string& file : files) {
    MARVEL_TRY(const std::string text, read_input(file));
    const std::string name = file == "-" ? "<stdin>" : file;
    auto source = deploy::read_template(text, name);
    if (source) {
      sources.templates.push_back(std::move(*source));
    } else {
      sources.findings.push_back(deploy::finding_of(source.error(), name, "yaml"));
    }
  }
  return sources;
}

// What a cluster knows of the versions that objects use.
struct Server {
  int minor = 0;
  std::unique_ptr<deploy::Schema> schema;
};

Result<Server> ask_server(const LintFlags& flags, const std::vector<deploy::Template>& templates,
                          const deploy::Values& values, Session& session) {
  ClusterFlags cluster = flags.cluster;
  cluster.namespace_name = flags.manifests.space;
  MARVEL_TRY(const auto connection, connect(cluster, session));
  kube::Client client(connection);
  Server server;
  MARVEL_TRY(server.minor, kube::minor_version(client));
  MARVEL_TRY(const auto documents,
             kube::openapi_documents(client, deploy::api_versions_in(templates, values)));
  server.schema = std::make_unique<deploy::Schema>(deploy::table_of_openapi(documents));
  show_warnings(*connection, session.context.log);
  return server;
}

Result<Answer> run_lint(const LintFlags& flags, Session& session) {
  int minor = kNewest;
  if (!flags.version.empty()) {
    MARVEL_TRY(minor, minor_version(flags.version));
  }
  MARVEL_TRY(const auto files, input_files(flags.manifests, session));
  if (flags.fix && std::find(files.begin(), files.end(), "-") != files.end()) {
    return fail(Errc::kUsage, "--fix cannot change standard input", "name a file");
  }
  MARVEL_TRY(Sources sources, read_sources(files));
  // A file that cannot be read may be the one that has the variable.
  const Names names = sources.findings.empty() ? Names::kCheck : Names::kTakeAny;
  MARVEL_TRY(const auto values, read_values(flags.manifests, sources.templates, session, names));
  if (flags.fix) {
    MARVEL_TRY_STATUS(fix_files(files, minor, session.context.log));
    MARVEL_TRY(sources, read_sources(files));
  }
  const std::vector<deploy::Template>& templates = sources.templates;
  std::vector<Finding> findings = std::move(sources.findings);
  Server server;
  if (flags.server) {
    MARVEL_TRY(server, ask_server(flags, templates, values, session));
    minor = flags.version.empty() && server.minor > 0 ? server.minor : minor;
  }
  const auto found = deploy::lint(templates, {values, minor, server.schema.get()});
  std::copy_if(
      found.begin(), found.end(), std::back_inserter(findings),
      [&](const Finding& finding) { return flags.all || finding.severity != Severity::kInfo; });
  return findings_answer(findings, files.size());
}

}  // namespace

void register_deploy_lint(CommandTree& tree, CLI::App& deploy, const Predefined& predefined) {
  CommandNotes notes;
  notes.examples = {
      {"marvel deploy lint app.template.yaml", "what is wrong, where, and what to do"},
      {"marvel deploy lint --fix smartviz.template.yaml", "convert removed API versions"},
      {"marvel deploy lint manifests/ --kubernetes 1.21", "for an older cluster"},
      {"marvel deploy lint manifests/ --server", "against what a cluster knows"}};
  notes.exit_codes = {{"0", "no errors; there may be warnings"}, {"1", "at least one error"}};
  const auto flags = std::make_shared<LintFlags>(predefined);
  notes.run = [flags](Session& session) { return run_lint(*flags, session); };
  CLI::App& command = tree.add(deploy, "lint", "Find mistakes in templates and manifests",
                               "Offline", std::move(notes));
  Binder bind(tree, command);
  bind.this_run_only(true);
  bind_manifests(bind, flags->manifests);
  bind.group("Checks");
  bind.value("--kubernetes", "VERSION", flags->version,
             "Version of the cluster [1.37, or what --server says]");
  bind.flag("--server", flags->server, "Ask a cluster for its fields and kinds, custom ones too");
  bind.flag("--all", flags->all, "Also what is often meant so");
  bind.flag("--fix", flags->fix, "Convert removed API versions in the files, in place");
  bind.this_run_only(false);
  bind_cluster(bind, flags->cluster, false);
}

}  // namespace marvel::cli
