#include "base/text.hpp"
#include "deploy/lint_rules.hpp"
#include "deploy/targets.hpp"

#include <nlohmann/json.hpp>

namespace marvel::deploy {
namespace {

using Json = nlohmann::json;

Path operator/(Path path, const std::string& part) {
  path.push_back(part);
  return path;
}

// --- containers ---

void check_image(const Reporter& reporter, const Json& container, const Path& path) {
  const Json& value = at(container, {"image"});
  if (!value.is_string()) {
    reporter.add(Severity::kWarning, "missing-image", path, describe(path) + " has no image",
                 "add image: NAME:TAG");
    return;
  }
  const auto& image = value.get_ref<const std::string&>();
  const auto name = image.find('/') == std::string::npos ? 0 : image.rfind('/');
  const auto colon = image.find(':', name);
  const bool digest = image.find('@') != std::string::npos;
  if (!digest && (colon == std::string::npos || image.substr(colon) == ":latest")) {
    reporter.add(Severity::kWarning, "latest-image", path / "image",
                 "image " + image + " is another one every day",
                 "name a version, as in " + image.substr(0, colon) + ":1.2");
  }
}

void check_requests(const Reporter& reporter, const Json& container, const Path& path) {
  const Json& requests = at(container, {"resources", "requests"});
  std::vector<std::string> missing;
  for (const char* resource : {"cpu", "memory"}) {
    const bool given = (requests.is_object() && requests.contains(resource)) ||
                       !at(container, {"resources", "limits", resource}).is_null();
    if (!given) {
      missing.emplace_back(resource);
    }
  }
  if (!missing.empty()) {
    reporter.add(Severity::kWarning, "missing-requests", path,
                 describe(path) + " asks for no " + join(missing, " and no ") +
                     ", so the scheduler takes it for free",
                 "add resources: {requests: {cpu: 100m, memory: 64Mi}} with what it needs");
  }
}

void check_containers(const Reporter& reporter, const Json& spec, const Path& path) {
  for (const char* group : {"containers", "initContainers"}) {
    const Json& list = list_at(spec, {group});
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Path where = path / group / std::to_string(i);
      check_image(reporter, list[i], where);
      check_requests(reporter, list[i], where);
    }
  }
}

// --- placement ---

// Whether the pod asks for nodes by itself, so that a toleration is more than a permission.
bool is_attracted(const Json& spec) {
  return !at(spec, {"nodeSelector"}).empty() ||
         !at(spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution",
                    "nodeSelectorTerms"})
              .empty() ||
         at(spec, {"nodeName"}).is_string();
}

void check_placement(const Reporter& reporter, const Json& spec, const Path& path) {
  const Json& tolerations = list_at(spec, {"tolerations"});
  if (is_attracted(spec)) {
    return;
  }
  for (std::size_t i = 0; i < tolerations.size(); ++i) {
    const Json& key = at(tolerations[i], {"key"});
    const Json& value = at(tolerations[i], {"value"});
    // Kubernetes' own taints are conditions, not places.
    if (key.is_string() && value.is_string() &&
        key.get_ref<const std::string&>().find("kubernetes.io/") == std::string::npos) {
      const std::string pair = key.get<std::string>() + "=" + value.get<std::string>();
      reporter.add(Severity::kWarning, "only-tolerated", path / "tolerations" / std::to_string(i),
                   "the pod may run on nodes tainted " + pair +
                       ", and nothing brings it there: it lands anywhere",
                   "add a required node affinity too; 'marvel deploy render --layer " + pair +
                       "' adds both");
    }
  }
}

// --- annotations ---

void check_quoted_quotes(const Reporter& reporter, const Json& body) {
  for (const char* part : {"annotations", "labels"}) {
    for (const auto& [key, value] : map_at(body, {"metadata", part}).items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : "";
      if (text.size() > 1 && text.front() == '"' && text.back() == '"') {
        reporter.add(Severity::kWarning, "quoted-quotes", {"metadata", part, key},
                     "the quotes are part of the value: " + text,
                     "write " + text + " without the outer quotes");
      }
    }
  }
}

}  // namespace

void lint_pods(const Object& object, std::vector<Finding>& findings) {
  const Reporter reporter(object, findings);
  check_quoted_quotes(reporter, object.body());
  const auto path = pod_spec_path(object.kind());
  if (!path) {
    return;
  }
  if (const Json& spec = at(object.body(), *path); spec.is_object()) {
    check_containers(reporter, spec, *path);
    check_placement(reporter, spec, *path);
  }
}

}  // namespace marvel::deploy
