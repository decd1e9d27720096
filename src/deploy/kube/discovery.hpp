#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// One kind of object that a server serves, and where. A kind may be served in several versions;
// each is a Resource of its own.
struct Resource {
  // "apps"; empty for the core group.
  std::string group;
  std::string version;
  std::string kind;
  // "deployments", as paths say it. Nobody can guess it from the kind: the server has to tell.
  std::string plural;
  // Whether objects of it live in namespaces, or belong to the whole cluster.
  bool namespaced = false;
  // "get", "list", "patch", ...
  std::vector<std::string> verbs;

  // "apps/v1", or "v1" of the core group.
  [[nodiscard]] std::string api_version() const;
  // "Deployment.apps", "ConfigMap".
  [[nodiscard]] std::string group_kind() const;
  // "/apis/apps/v1/namespaces/NS/deployments[/NAME]", encoded; of all namespaces when `space` is
  // empty. `space` does not matter for a kind of the whole cluster.
  [[nodiscard]] std::string path(const std::string& space, const std::string& name = {}) const;
};

// The answers of a server to discovery: the aggregated form (one document for all groups) and the
// plain one (APIResourceList of one group version). What is not understood is left out, and so are
// parts of objects such as "pods/log".
std::vector<Resource> resources_of_aggregated(const nlohmann::json& document);
std::vector<Resource> resources_of_list(const nlohmann::json& document,
                                        const std::string& group_version);

// Which resources a server has: objects name their kind ("Deployment" of "apps/v1"), requests need
// a path. Asks on first use; servers of 1.26 and later answer for all groups at once, older ones
// are asked group by group as needed. What was learned is kept until reset(). `client` must outlive
// it and belongs to the same thread. One thread at a time.
class Discovery {
 public:
  explicit Discovery(Client& client) : client_(client) {}

  // By apiVersion and kind, as objects name them. A kind that is not there is looked for once more
  // on the server, because a definition may just have come. kNotFound with the reason "not_found";
  // else the errors of the requests.
  Result<Resource> find(const std::string& api_version, const std::string& kind);
  // By "Kind.group" or "plural.group", in the server's preferred version. What is not known is not
  // looked for again: that takes reset(). kNotFound as above.
  Result<Resource> find_group_kind(const std::string& name);
  // Forgets everything: definitions have changed.
  void reset();

 private:
  // The list of all resources or, of a server that answers plainly, of all group versions.
  Status load();
  Status load_group_version(const std::string& api_version);
  // Null when it is not known (yet); both are valid until the next load.
  [[nodiscard]] const Resource* known(const std::string& api_version,
                                      const std::string& kind) const;
  [[nodiscard]] const Resource* known_group_kind(const std::string& name) const;

  Client& client_;
  std::vector<Resource> resources_;          // preferred versions first within a group
  std::vector<std::string> group_versions_;  // of a server that answers plainly; preferred first
  bool loaded_ = false;
};

}  // namespace marvel::kube
