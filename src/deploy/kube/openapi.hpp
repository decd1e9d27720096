#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// The OpenAPI documents that describe `api_versions` ("v1", "apps/v1"): version 3, one for each
// that the server has, or the one document of version 2 from servers before 1.24. Versions that the
// server does not have are left out. They tell which fields the kinds of this server have, its
// custom ones too (deploy/openapi.hpp reads them).
//
// Asks once for the index and once for each version that is named, where version 2 describes all
// groups at once. Errors are those of Client::get.
Result<std::vector<nlohmann::json>> openapi_documents(Client& client,
                                                      const std::set<std::string>& api_versions);

// The minor number of the server's version: 37 for 1.37, and for the "37+" that some providers
// send; 0 when it does not say.
Result<int> minor_version(Client& client);

}  // namespace marvel::kube
