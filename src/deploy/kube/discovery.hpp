#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// One kind of object that a server serves, and where.
struct Resource {
  std::string group;  // empty for the core group
  std::string version;
  std::string kind;
  std::string plural;  // as paths say it
  bool namespaced = false;
  std::vector<std::string> verbs;

  [[nodiscard]] std::string api_version() const;
  // "Deployment.apps", "ConfigMap".
  [[nodiscard]] std::string group_kind() const;
  // "/apis/apps/v1/namespaces/NS/deployments[/NAME]"; of all namespaces when `space` is empty.
  [[nodiscard]] std::string path(const std::string& space, const std::string& name = {}) const;
};

// The answers of a server to discovery: the aggregated form (one document for all groups) and the
// plain one (APIResourceList of one group version). What is not understood is left out.
std::vector<Resource> resources_of_aggregated(const nlohmann::json& document);
std::vector<Resource> resources_of_list(const nlohmann::json& document,
                                        const std::string& group_version);

// Which resources a server has. Asks on first use; servers of 1.26 and later answer for all groups
// at once, older ones are asked group by group as needed. One thread at a time.
class Discovery {
 public:
  explicit Discovery(Client& client) : client_(client) {}

  // By apiVersion and kind, as objects name them. A kind that is not there is looked for once more
  // on the server, because a definition may just have come. kNotFound.
  Result<Resource> find(const std::string& api_version, const std::string& kind);
  // By "Kind.group" or "plural.group", in the server's preferred version. kNotFound.
  Result<Resource> find_group_kind(const std::string& name);
  // Forgets everything: definitions have changed.
  void reset();

 private:
  Status load();
  Status load_group_version(const std::string& api_version);
  [[nodiscard]] const Resource* known(const std::string& api_version,
                                      const std::string& kind) const;
  [[nodiscard]] const Resource* known_group_kind(const std::string& name) const;

  Client& client_;
  std::vector<Resource> resources_;          // preferred versions first within a group
  std::vector<std::string> group_versions_;  // of a server that answers plainly; preferred first
  bool loaded_ = false;
};

}  // namespace marvel::kube
