#pragma once

#include "deploy/kubernetes_schema.hpp"
#include "deploy/lint.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy {

// The families of rules behind lint(); each appends what it finds. Internal to this folder.

// Collects findings about one object.
class Reporter {
 public:
  Reporter(const Object& object, std::vector<Finding>& findings)
      : object_(object), findings_(findings) {}

  // At the value, or at the key for what is wrong with the key.
  void add(Severity severity, const char* rule, const Path& path, std::string message,
           std::string fix) const;
  void add_at_key(Severity severity, const char* rule, const Path& path, std::string message,
                  std::string fix) const;
  [[nodiscard]] const Object& object() const { return object_; }

 private:
  const Object& object_;
  std::vector<Finding>& findings_;
};

// Field names, nesting, types and values against a schema.
void lint_schema(const Object& object, const Schema& schema, std::vector<Finding>& findings);
// API versions that Kubernetes 1.<minor> has no more or will not have for long.
void lint_api(const Object& object, int minor, std::vector<Finding>& findings);
// Pods: requests, images, placement.
void lint_pods(const Object& object, std::vector<Finding>& findings);
// Secrets that everybody can read: in files, environments, arguments, ConfigMaps and URLs.
void lint_secrets(const Object& object, std::vector<Finding>& findings);
// What objects say about each other: selectors, ports, backends, names given twice.
void lint_links(const std::vector<Object>& objects, std::vector<Finding>& findings);
// The header: variables that nobody uses or knows, secrets with defaults.
void lint_header(const Template& source, const Rendered& rendered, std::vector<Finding>& findings);

// The value at `path`, or a null value.
const nlohmann::json& at(const nlohmann::json& body, const Path& path);
// The same where only a list or a map makes sense; an empty one for anything else.
const nlohmann::json& list_at(const nlohmann::json& body, const Path& path);
const nlohmann::json& map_at(const nlohmann::json& body, const Path& path);

}  // namespace marvel::deploy
