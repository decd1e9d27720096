#pragma once

#include "deploy/kubernetes_schema.hpp"
#include "deploy/lint.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::deploy {

// The families of rules behind lint(); each appends what it finds. Internal to this folder.
//
// A rule reads an object's body with at(), list_at() and map_at(), which never fail, since a body
// may hold anything: what has the wrong shape is lint_schema's to tell, and other rules pass over
// it. It reports with a Reporter. Every rule says what to do about its finding; docs/user/deploy.md
// lists them by name.

// Collects findings about one object. Both references must outlive it. The file and the position of
// a finding are those that the object knows for the path.
class Reporter {
 public:
  Reporter(const Object& object, std::vector<Finding>& findings)
      : object_(object), findings_(findings) {}

  // At the value, or at the key for what is wrong with the key. `rule` is the name in the output,
  // as "wrong-nesting".
  void add(Severity severity, const char* rule, const Path& path, std::string message,
           std::string fix) const;
  void add_at_key(Severity severity, const char* rule, const Path& path, std::string message,
                  std::string fix) const;
  [[nodiscard]] const Object& object() const { return object_; }

 private:
  const Object& object_;
  std::vector<Finding>& findings_;
};

// Field names, nesting, types and values against a schema; for kinds that it does not have, whether
// the kind or its version is misspelt.
void lint_schema(const Object& object, const Schema& schema, std::vector<Finding>& findings);
// API versions that Kubernetes 1.<minor> has no more (an error) or will not have for long (a
// warning).
void lint_api(const Object& object, int minor, std::vector<Finding>& findings);
// Pods: requests, images, placement; and, of any kind, labels and annotations with quotes as a part
// of their value.
void lint_pods(const Object& object, std::vector<Finding>& findings);
// Secrets that everybody can read: in files, environments, arguments, ConfigMaps and URLs. Names
// decide (DB_PASSWORD, --api-key). No message of these rules repeats the secret.
void lint_secrets(const Object& object, std::vector<Finding>& findings);
// What objects say about each other: selectors, ports, backends, names given twice. All objects of
// all files at once; what is not among them may still be in the cluster, so these are warnings, but
// for what no cluster can make good.
void lint_links(const std::vector<Object>& objects, std::vector<Finding>& findings);
// The header: variables that nobody uses or knows, secrets with defaults. Nothing for a manifest
// without header.
void lint_header(const Template& source, const Rendered& rendered, std::vector<Finding>& findings);

// The value at `path`, or a null value. What these three return is a part of `body` or lives for
// ever; a path through anything but maps and lists ends in null.
const nlohmann::json& at(const nlohmann::json& body, const Path& path);
// The same where only a list or a map makes sense; an empty one for anything else.
const nlohmann::json& list_at(const nlohmann::json& body, const Path& path);
const nlohmann::json& map_at(const nlohmann::json& body, const Path& path);

}  // namespace marvel::deploy
