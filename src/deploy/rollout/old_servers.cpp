#include "deploy/rollout/old_servers.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/targets.hpp"

#include <initializer_list>
#include <string>

#include <nlohmann/json.hpp>

namespace marvel::rollout {
namespace {

using nlohmann::json;

// Custom kinds may have the name of a built-in one.
bool is_built_in(const std::string& version) {
  return version == "v1" || version.starts_with("apps/") || version.starts_with("batch/");
}

// What lies at the end of the path; null when something on the way is not there.
json* walk(json& object, const std::vector<std::string>& path) {
  json* at = &object;
  for (const auto& step : path) {
    const auto found = at->is_object() ? at->find(step) : at->end();
    if (found == at->end()) {
      return nullptr;
    }
    at = &*found;
  }
  return at;
}

// Calls `change` for each element of the list at the end of the path, if there is one.
template <typename Change>
void each(json& object, const std::vector<std::string>& path, Change change) {
  json* const list = walk(object, path);
  if (list != nullptr && list->is_array()) {
    for (auto& element : *list) {
      change(element);
    }
  }
}

void complete_port(json& port) {
  if (port.is_object() && !port.contains("protocol")) {
    port["protocol"] = "TCP";
  }
}

void write_as_text(json& quantity) {
  if (quantity.is_number()) {
    quantity = quantity.dump();
  }
}

void write_quantities(json& object, const std::vector<std::string>& path) {
  json* const quantities = walk(object, path);
  if (quantities != nullptr && quantities->is_object()) {
    for (auto& quantity : *quantities) {
      write_as_text(quantity);
    }
  }
}

void write_resources(json& owner) {
  write_quantities(owner, {"resources", "requests"});
  write_quantities(owner, {"resources", "limits"});
}

void write_claim(json& claim) {
  if (json* const spec = walk(claim, {"spec"})) {
    write_resources(*spec);
  }
}

void write_pod(json& pod) {
  for (const char* const containers : {"containers", "initContainers"}) {
    each(pod, {containers}, [](json& container) {
      each(container, {"ports"}, complete_port);
      write_resources(container);
    });
  }
  each(pod, {"volumes"}, [](json& volume) {
    if (json* const limit = walk(volume, {"emptyDir", "sizeLimit"})) {
      write_as_text(*limit);
    }
  });
}

}  // namespace

void write_for_old_servers(json& object) {
  const std::string kind = kube::text(object, {"kind"});
  if (!is_built_in(kube::text(object, {"apiVersion"}))) {
    return;
  }
  if (kind == "Service") {
    each(object, {"spec", "ports"}, complete_port);
  } else if (kind == "PersistentVolumeClaim") {
    write_claim(object);
  } else if (kind == "PersistentVolume") {
    write_quantities(object, {"spec", "capacity"});
  } else if (kind == "ResourceQuota") {
    write_quantities(object, {"spec", "hard"});
  } else if (const auto path = deploy::pod_spec_path(kind)) {
    if (json* const pod = walk(object, *path)) {
      write_pod(*pod);
    }
    each(object, {"spec", "volumeClaimTemplates"}, write_claim);
  }
}

}  // namespace marvel::rollout
