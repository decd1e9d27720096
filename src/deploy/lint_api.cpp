#include "deploy/api_versions.hpp"
#include "deploy/lint_rules.hpp"

namespace marvel::deploy {

void lint_api(const Object& object, int minor, std::vector<Finding>& findings) {
  const OldApi* old = find_old_api(object.api_version(), object.kind());
  if (old == nullptr || minor < old->deprecated) {
    return;
  }
  const bool gone = minor >= old->removed;
  std::string message = object.api_version() + " " + object.kind() + " is " +
                        (gone ? "not served since" : "deprecated, and not served from") +
                        " Kubernetes 1." + std::to_string(old->removed);
  const bool converts = old->same_body || object.kind() == "Ingress";
  std::string fix = old->instead.empty()
                        ? "Kubernetes has nothing in its place"
                        : "write apiVersion: " + std::string(old->instead) +
                              (converts ? "; --fix converts it" : ", whose fields differ");
  Reporter(object, findings)
      .add(gone ? Severity::kError : Severity::kWarning, gone ? "removed-api" : "deprecated-api",
           {"apiVersion"}, std::move(message), std::move(fix));
}

}  // namespace marvel::deploy
