#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// The OpenAPI documents that describe `api_versions` ("v1", "apps/v1"): version 3, one for each
// that the server has, or the one document of version 2 from servers before 1.24.
Result<std::vector<nlohmann::json>> openapi_documents(Client& client,
                                                      const std::set<std::string>& api_versions);

// The minor number of the server's version: 37 for 1.37; 0 when it does not say.
Result<int> minor_version(Client& client);

}  // namespace marvel::kube
