#include "deploy/api_versions.hpp"
#include "deploy/lint_rules.hpp"

namespace marvel::deploy {
namespace {

std::string advice(const OldApi& old, int minor) {
  if (old.instead.empty()) {
    return "Kubernetes has nothing in its place";
  }
  const std::string instead(old.instead);
  if (minor < old.since) {
    return instead + " takes its place from Kubernetes 1." + std::to_string(old.since) + " on";
  }
  const bool converts = old.same_body || old.kind == "Ingress";
  return "write apiVersion: " + instead +
         (converts ? "; --fix converts it" : ", whose fields may differ");
}

}  // namespace

void lint_api(const Object& object, int minor, std::vector<Finding>& findings) {
  const OldApi* old = find_old_api(object.api_version(), object.kind());
  if (old == nullptr || minor < old->deprecated) {
    return;
  }
  const bool gone = minor >= old->removed;
  std::string message = object.api_version() + " " + object.kind() + " is " +
                        (gone ? "not served since" : "deprecated, and not served from") +
                        " Kubernetes 1." + std::to_string(old->removed);
  Reporter(object, findings)
      .add(gone ? Severity::kError : Severity::kWarning, gone ? "removed-api" : "deprecated-api",
           {"apiVersion"}, std::move(message), advice(*old, minor));
}

}  // namespace marvel::deploy
