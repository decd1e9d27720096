#pragma once

#include "deploy/kubernetes_schema.hpp"
#include "deploy/manifest.hpp"
#include "deploy/render.hpp"
#include "deploy/template.hpp"

#include <set>
#include <string>
#include <vector>

namespace marvel::deploy {

// Mistakes in templates and manifests that can be seen without a cluster. lint() renders every
// template, with made-up values where some are missing, and then asks the families of rules
// (lint_rules.hpp): of one object, between objects, of the header. It reads no file and asks no
// server; who wants a server's word reads its schema first and passes it on:
//
//   templates        read_template for each file; what fails there is a finding_of
//   api_versions_in  which OpenAPI documents to ask for, if a server is asked at all
//   lint             the findings, masked: no message holds the value of a secret variable
//
// Any thread may call these functions.

enum class Severity {
  kError,    // Kubernetes refuses it, or drops it without a word
  kWarning,  // it works, and is not what was meant or will hurt
  kInfo,     // worth knowing; often meant so
};
// "error", "warning", "info": the words of the JSON output.
std::string_view severity_name(Severity severity);

struct Finding {
  Severity severity = Severity::kError;
  std::string rule;  // "wrong-nesting"; docs/user/deploy.md lists them
  std::string file;
  Position position;  // nowhere (line 0) when the whole file is meant
  std::string path;   // "spec.replicas", or empty
  std::string message;
  std::string fix;  // what to do about it
};

struct LintOptions {
  Values values;  // for variables; what is missing gets a made-up value of the right type
  // Kubernetes 1.<minor> is the target, for old API versions only: fields are judged by a schema,
  // whose built-in one is of 1.37.
  int minor = 37;
  // What a cluster says of the versions that it has; others are looked up in the built-in one. Null
  // for no cluster; must live until lint() returns.
  const Schema* server_schema = nullptr;
};

// All findings of the files, which are looked at together, since a Service may select the pods of
// another file. In the order of the files, then of lines. What render() refuses is a finding too,
// of rule "template", and the only one of its file.
std::vector<Finding> lint(const std::vector<Template>& templates, const LintOptions& options);

// The versions that the objects of `templates` name ("apps/v1"), for asking a server about them.
// Templates that cannot be rendered add none.
std::set<std::string> api_versions_in(const std::vector<Template>& templates, const Values& values);

// The finding that an error with "file:line:column: ..." stands for: an error at that place, with
// the hint as its fix. Without such a beginning it is one of the whole file.
Finding finding_of(const Error& error, const std::string& file, const std::string& rule);

}  // namespace marvel::deploy
