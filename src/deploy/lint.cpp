// 1. make up values for variables that have none, so that every template renders
// 2. render each template; what render refuses is a finding
// 3. rules for one object, then rules between objects, then the headers
#include "deploy/lint.hpp"

#include "base/text.hpp"
#include "deploy/lint_rules.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

// A value of the right type, for looking only.
std::string made_up(const Variable& variable) {
  if (!variable.choices.empty()) {
    return variable.choices.front();
  }
  if (variable.type == VariableType::kInteger || variable.type == VariableType::kNumber ||
      variable.min || variable.max) {
    return std::to_string(static_cast<long long>(variable.min.value_or(variable.max.value_or(1))));
  }
  return variable.type == VariableType::kBoolean ? "true" : "value";
}

Template with_values(Template source, const Values& given) {
  if (source.header) {
    for (Variable& variable : source.header->variables) {
      if (variable.required && !given.contains(variable.name)) {
        variable.required = false;
        variable.preset = made_up(variable);
      }
    }
  }
  return source;
}

Result<Rendered> render_somehow(const Template& source, const Values& values) {
  return render(with_values(source, values), {values, Secrets::kMaskVariables});
}

void lint_object(const Object& object, const LintOptions& options, std::vector<Finding>& findings) {
  lint_api(object, options.minor, findings);
  const bool served = options.server_schema != nullptr &&
                      !options.server_schema->kinds_of(object.api_version()).empty();
  lint_schema(object, served ? *options.server_schema : builtin_schema(), findings);
  lint_pods(object, findings);
  lint_secrets(object, findings);
}

void sort(std::vector<Finding>& findings, const std::vector<Template>& templates) {
  std::map<std::string, std::size_t> order;
  for (const Template& source : templates) {
    order.try_emplace(source.file, order.size());
  }
  std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
    return std::tuple(order[a.file], a.position.line, a.position.column) <
           std::tuple(order[b.file], b.position.line, b.position.column);
  });
}

}  // namespace

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInfo:
      break;
  }
  return "info";
}

void Reporter::add(Severity severity, const char* rule, const Path& path, std::string message,
                   std::string fix) const {
  findings_.push_back({severity, rule, object_.file(), object_.position(path), describe(path),
                       std::move(message), std::move(fix)});
}

void Reporter::add_at_key(Severity severity, const char* rule, const Path& path,
                          std::string message, std::string fix) const {
  add(severity, rule, path, std::move(message), std::move(fix));
  findings_.back().position = object_.key_position(path);
}

const nlohmann::json& at(const nlohmann::json& body, const Path& path) {
  static const nlohmann::json kNothing;
  const nlohmann::json* value = &body;
  for (const std::string& part : path) {
    if (value->is_object()) {
      const auto found = value->find(part);
      value = found == value->end() ? &kNothing : &*found;
    } else {
      const auto index = parse_unsigned(part);
      value = value->is_array() && index && *index < value->size() ? &(*value)[*index] : &kNothing;
    }
  }
  return *value;
}

const nlohmann::json& list_at(const nlohmann::json& body, const Path& path) {
  static const nlohmann::json kEmpty = nlohmann::json::array();
  const nlohmann::json& value = at(body, path);
  return value.is_array() ? value : kEmpty;
}

const nlohmann::json& map_at(const nlohmann::json& body, const Path& path) {
  static const nlohmann::json kEmpty = nlohmann::json::object();
  const nlohmann::json& value = at(body, path);
  return value.is_object() ? value : kEmpty;
}

Finding finding_of(const Error& error, const std::string& file, const std::string& rule) {
  Finding finding{Severity::kError, rule, file, {}, "", error.message, error.hint};
  const std::string prefix = file + ":";
  if (!error.message.starts_with(prefix)) {
    return finding;
  }
  const auto parts = split(std::string_view(error.message).substr(prefix.size()), ':');
  const auto line = parts.size() > 2 ? parse_unsigned(parts[0]) : parse_unsigned("");
  const auto column = parts.size() > 2 ? parse_unsigned(parts[1]) : parse_unsigned("");
  if (line && column) {
    finding.position = {static_cast<int>(*line), static_cast<int>(*column)};
    const auto skipped = prefix.size() + parts[0].size() + parts[1].size() + 3;
    finding.message = error.message.substr(std::min(skipped, error.message.size()));
  } else {
    finding.message = std::string(trim(error.message.substr(prefix.size())));
  }
  return finding;
}

std::set<std::string> api_versions_in(const std::vector<Template>& templates,
                                      const Values& values) {
  std::set<std::string> versions;
  for (const Template& source : templates) {
    if (const auto rendered = render_somehow(source, values)) {
      for (const Object& object : rendered->objects) {
        versions.insert(object.api_version());
      }
    }
  }
  return versions;
}

std::vector<Finding> lint(const std::vector<Template>& templates, const LintOptions& options) {
  std::vector<Finding> findings;
  std::vector<Object> objects;
  for (const Template& source : templates) {
    auto rendered = render_somehow(source, options.values);
    if (!rendered) {
      findings.push_back(finding_of(rendered.error(), source.file, "template"));
      continue;
    }
    lint_header(source, *rendered, findings);
    for (Object& object : rendered->objects) {
      lint_object(object, options, findings);
      objects.push_back(std::move(object));
    }
  }
  lint_links(objects, findings);
  sort(findings, templates);
  return findings;
}

}  // namespace marvel::deploy
