#include "deploy/kube/openapi.hpp"

#include "base/text.hpp"
#include "deploy/kube/fields.hpp"
#include "deploy/kube/json_text.hpp"

#include <nlohmann/json.hpp>

namespace marvel::kube {
namespace {

using nlohmann::json;

// "37" or "37+".
int number_in(const std::string& words) {
  const auto end = words.find_first_not_of("0123456789");
  const auto number = parse_integer(words.substr(0, end));
  return number && *number < 10'000 ? static_cast<int>(*number) : 0;
}

}  // namespace

Result<std::vector<json>> openapi_documents(Client& client,
                                            const std::set<std::string>& api_versions) {
  std::vector<json> documents;
  MARVEL_TRY(const auto index, client.exchange({.path = "/openapi/v3"}));
  if (!index.ok()) {
    MARVEL_TRY(documents.emplace_back(),
               client.get("/openapi/v2", {}, "reading the server's schema"));
    return documents;
  }
  MARVEL_TRY(const json list, parse_json(index.body, "the answer to GET /openapi/v3"));
  for (const auto& version : api_versions) {
    const std::string name = (version.find('/') == std::string::npos ? "api/" : "apis/") + version;
    const std::string path = text(list, {"paths", name, "serverRelativeURL"});
    if (const auto query = path.find('?'); path.starts_with("/openapi/v3/")) {
      Query hash;
      if (const auto equals = path.find('=', query); equals != std::string::npos) {
        hash = {{path.substr(query + 1, equals - query - 1), path.substr(equals + 1)}};
      }
      MARVEL_TRY(documents.emplace_back(), client.get(path.substr(0, query), hash,
                                                      "reading the server's schema of " + version));
    }
  }
  return documents;
}

Result<int> minor_version(Client& client) {
  MARVEL_TRY(const json version, client.get("/version", {}, "asking for the version"));
  return number_in(text(version, {"minor"}));
}

}  // namespace marvel::kube
