#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// Takes one object of a list, which lives for the call only. A failure ends the list and is what
// list_all returns. Must not use the client that lists: it is fetching the next page meanwhile.
// Items of built-in kinds come without apiVersion and kind, which the list says for all.
using OnItem = std::function<Status(const nlohmann::json& item)>;

// What is known when a list has ended.
struct ListEnd {
  // The state that the list showed, from which a watch goes on.
  std::string resource_version;
  // How many objects `take` got since the beginning or the restart.
  std::size_t items = 0;
};

// Lists in pages of 1000, so that memory holds two pages and not the cluster; the next page is
// fetched by a second thread while one is read. `take` gets each object once, in this thread. When
// the server forgets the list in the middle (410), it starts again, once, after `restart` has
// dropped what came so far. `query` holds selectors, and not the paging itself; `what` stands
// before errors.
//
//   std::vector<json> pods;
//   list_all(client, "/api/v1/pods", {}, [&](const json& pod) { pods.push_back(pod); ... },
//            [&] { pods.clear(); }, "listing pods")
Result<ListEnd> list_all(Client& client, const std::string& path, const Query& query,
                         const OnItem& take, const std::function<void()>& restart,
                         const std::string& what);

// The `metadata.continue` of a list's text, read from its beginning; empty when it has none there.
// Looks at the first 4096 bytes: servers write `metadata` before `items`, so the token is known
// before the page is parsed.
std::string continue_token(std::string_view list_text);

}  // namespace marvel::kube
