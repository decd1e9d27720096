#include "deploy/kube/discovery.hpp"

#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"
#include "net/url.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using nlohmann::json;

constexpr const char* kAggregated =
    "application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList,"
    "application/json;v=v2beta1;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList,application/json";

std::vector<std::string> words(const json& list) {
  std::vector<std::string> texts;
  for (const auto& item : list) {
    texts.push_back(text_of(item));
  }
  return texts;
}

std::string root_of(const std::string& api_version) {
  return (api_version.find('/') == std::string::npos ? "/api/" : "/apis/") + api_version;
}

void split_api_version(const std::string& api_version, std::string& group, std::string& version) {
  const auto slash = api_version.find('/');
  group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  version = slash == std::string::npos ? api_version : api_version.substr(slash + 1);
}

void read_version(const std::string& group, const json& entry, std::vector<Resource>& into) {
  for (const auto& item : field(entry, {"resources"})) {
    Resource resource{group,
                      text(entry, {"version"}),
                      text(item, {"responseKind", "kind"}),
                      text(item, {"resource"}),
                      text(item, {"scope"}) == "Namespaced",
                      words(field(item, {"verbs"}))};
    if (!resource.kind.empty() && !resource.plural.empty()) {
      into.push_back(std::move(resource));
    }
  }
}

}  // namespace

std::string Resource::api_version() const {
  return group.empty() ? version : group + "/" + version;
}

std::string Resource::group_kind() const {
  return group.empty() ? kind : kind + "." + group;
}

std::string Resource::path(const std::string& space, const std::string& name) const {
  std::string path = root_of(api_version());
  if (namespaced && !space.empty()) {
    path += "/namespaces/" + net::percent_encode(space);
  }
  path += "/" + plural;
  return name.empty() ? path : path + "/" + net::percent_encode(name);
}

std::vector<Resource> resources_of_aggregated(const json& document) {
  std::vector<Resource> resources;
  for (const auto& item : field(document, {"items"})) {
    const std::string group = text(item, {"metadata", "name"});
    for (const auto& version : field(item, {"versions"})) {
      read_version(group, version, resources);
    }
  }
  return resources;
}

std::vector<Resource> resources_of_list(const json& document, const std::string& group_version) {
  std::vector<Resource> resources;
  for (const auto& item : field(document, {"resources"})) {
    Resource resource;
    split_api_version(group_version, resource.group, resource.version);
    resource.kind = text(item, {"kind"});
    resource.plural = text(item, {"name"});
    resource.namespaced = flag(item, {"namespaced"});
    resource.verbs = words(field(item, {"verbs"}));
    const bool is_part = resource.plural.find('/') != std::string::npos;
    if (!is_part && !resource.kind.empty() && !resource.plural.empty()) {
      resources.push_back(std::move(resource));
    }
  }
  return resources;
}

void Discovery::reset() {
  resources_.clear();
  group_versions_.clear();
  loaded_ = false;
}

Status Discovery::load() {
  reset();
  for (const char* root : {"/api", "/apis"}) {
    MARVEL_TRY(const Reply reply, client_.exchange({.path = root, .accept = kAggregated}));
    if (!reply.ok()) {
      return fail(to_error(read_status(reply.status, reply.body), "asking what the server serves"));
    }
    MARVEL_TRY(const json document, parse_json(reply.body, "the server's discovery"));
    if (text(document, {"kind"}) == "APIGroupDiscoveryList") {
      const auto some = resources_of_aggregated(document);
      resources_.insert(resources_.end(), some.begin(), some.end());
      continue;
    }
    for (const auto& version : words(field(document, {"versions"}))) {
      group_versions_.push_back(version);
    }
    for (const auto& group : field(document, {"groups"})) {
      const std::string preferred = text(group, {"preferredVersion", "groupVersion"});
      group_versions_.push_back(preferred);
      for (const auto& version : field(group, {"versions"})) {
        if (const auto name = text(version, {"groupVersion"}); name != preferred) {
          group_versions_.push_back(name);
        }
      }
    }
  }
  loaded_ = true;
  return {};
}

// Part of the plain form: one group version is asked for when an object needs it.
Status Discovery::load_group_version(const std::string& api_version) {
  const auto wanted = std::find(group_versions_.begin(), group_versions_.end(), api_version);
  if (wanted == group_versions_.end()) {
    return {};
  }
  group_versions_.erase(wanted);
  MARVEL_TRY(const json document,
             client_.get(root_of(api_version), {}, "asking what the server serves"));
  const auto some = resources_of_list(document, api_version);
  resources_.insert(resources_.end(), some.begin(), some.end());
  return {};
}

const Resource* Discovery::known(const std::string& api_version, const std::string& kind) const {
  const auto found = std::find_if(resources_.begin(), resources_.end(), [&](const Resource& one) {
    return one.kind == kind && one.api_version() == api_version;
  });
  return found == resources_.end() ? nullptr : &*found;
}

const Resource* Discovery::known_group_kind(const std::string& name) const {
  const auto found = std::find_if(resources_.begin(), resources_.end(), [&](const Resource& one) {
    const std::string plural = one.group.empty() ? one.plural : one.plural + "." + one.group;
    return one.group_kind() == name || plural == name;
  });
  return found == resources_.end() ? nullptr : &*found;
}

Result<Resource> Discovery::find(const std::string& api_version, const std::string& kind) {
  for (int round = 0; round < 2; ++round) {
    if (!loaded_ || round == 1) {
      MARVEL_TRY_STATUS(load());
      round = 1;
    }
    MARVEL_TRY_STATUS(load_group_version(api_version));
    if (const Resource* resource = known(api_version, kind)) {
      return *resource;
    }
  }
  return fail({Errc::kNotFound,
               "the server has no kind " + kind + " in " + api_version,
               "'marvel deploy lint' names the version that is served, or a definition is missing",
               {},
               "not_found"});
}

Result<Resource> Discovery::find_group_kind(const std::string& name) {
  if (!loaded_) {
    MARVEL_TRY_STATUS(load());
  }
  const auto dot = name.find('.');
  const std::string group = dot == std::string::npos ? "" : name.substr(dot + 1);
  for (const auto& api_version : std::vector<std::string>(group_versions_)) {
    std::string its_group;
    std::string version;
    split_api_version(api_version, its_group, version);
    if (its_group == group && known_group_kind(name) == nullptr) {
      MARVEL_TRY_STATUS(load_group_version(api_version));
    }
  }
  if (const Resource* resource = known_group_kind(name)) {
    return *resource;
  }
  return fail({Errc::kNotFound, "the server has no kind " + name, "", {}, "not_found"});
}

}  // namespace marvel::kube
