#pragma once

#include "deploy/kubernetes_schema.hpp"
#include "deploy/manifest.hpp"
#include "deploy/render.hpp"
#include "deploy/template.hpp"

#include <set>
#include <string>
#include <vector>

namespace marvel::deploy {

// Mistakes in templates and manifests that can be seen without a cluster.

enum class Severity {
  kError,    // Kubernetes refuses it, or drops it without a word
  kWarning,  // it works, and is not what was meant or will hurt
  kInfo,     // worth knowing; often meant so
};
std::string_view severity_name(Severity severity);

struct Finding {
  Severity severity = Severity::kError;
  std::string rule;  // "wrong-nesting"; docs/user/deploy.md lists them
  std::string file;
  Position position;
  std::string path;  // "spec.replicas", or empty
  std::string message;
  std::string fix;  // what to do about it
};

struct LintOptions {
  Values values;   // for variables; what is missing gets a made-up value of the right type
  int minor = 37;  // Kubernetes 1.<minor> is the target
  // What a cluster says of the versions that it has; others are looked up in the built-in one.
  const Schema* server_schema = nullptr;
};

// All findings of the files, which are looked at together, since a Service may select the pods of
// another file. In the order of the files, then of lines. What render() refuses is a finding too.
std::vector<Finding> lint(const std::vector<Template>& templates, const LintOptions& options);

// The versions that the objects of `templates` name, for asking a server about them.
std::set<std::string> api_versions_in(const std::vector<Template>& templates, const Values& values);

// The finding that an error with "file:line:column: ..." stands for.
Finding finding_of(const Error& error, const std::string& file, const std::string& rule);

}  // namespace marvel::deploy
