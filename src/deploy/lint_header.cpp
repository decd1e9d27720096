#include "deploy/lint_rules.hpp"
#include "deploy/values.hpp"

#include <algorithm>
#include <set>

namespace marvel::deploy {
namespace {

// Names that the platform fills in; a template may declare them without need.
bool is_predefined(const std::string& name) {
  return name == "NAME" || name == "NAMESPACE" ||
         std::find(kPredefined.begin(), kPredefined.end(), name) != kPredefined.end();
}

// Where text is a program of its own, with variables of its own: scripts and configuration files.
bool is_foreign_text(const Path& path) {
  return std::any_of(path.begin(), path.end(), [](const std::string& part) {
    return part == "command" || part == "args" || part == "data" || part == "stringData" ||
           part == "exec";
  });
}

void add(std::vector<Finding>& findings, Severity severity, const char* rule,
         const std::string& file, Position position, std::string message, std::string fix) {
  findings.push_back({severity, rule, file, position, "", std::move(message), std::move(fix)});
}

}  // namespace

void lint_header(const Template& source, const Rendered& rendered, std::vector<Finding>& findings) {
  if (!source.header) {
    return;
  }
  const Header& header = *source.header;
  for (const std::string& name : rendered.unused) {
    const Severity severity = is_predefined(name) ? Severity::kInfo : Severity::kWarning;
    add(findings, severity, "unused-variable", source.file, find_variable(header, name)->position,
        "nothing uses the variable " + name,
        "remove it, or write ${" + name + "} where it belongs");
  }
  for (const Unknown& unknown : rendered.unknown) {
    const Severity severity = is_foreign_text(unknown.path) ? Severity::kInfo : Severity::kWarning;
    add(findings, severity, "undefined-variable", source.file, unknown.position,
        "$" + unknown.name + " is no variable of this template and stays as it is",
        "add it to variables, or escape it if it is meant for a program");
    findings.back().path = describe(unknown.path);
  }
  for (const Variable& variable : header.variables) {
    if (variable.secret && variable.preset && !variable.preset->empty()) {
      add(findings, Severity::kWarning, "secret-in-sight", source.file, variable.preset_position,
          "the secret " + variable.name + " has a default that everybody can read",
          "remove the default; whoever deploys gives the value");
    }
  }
  if (find_variable(header, "NAME") == nullptr) {
    add(findings, Severity::kWarning, "no-name", source.file, header.position,
        "the template has no variable NAME, so it can run only once",
        "add NAME to variables and use it in metadata.name");
  }
}

}  // namespace marvel::deploy
