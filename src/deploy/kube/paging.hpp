#pragma once

#include "base/result.hpp"
#include "deploy/kube/client.hpp"

#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace marvel::kube {

// Takes one object of a list.
using OnItem = std::function<Status(const nlohmann::json& item)>;

struct ListEnd {
  std::string resource_version;  // where a watch goes on
  std::size_t items = 0;
};

// Lists in pages, so that memory holds a page and not the cluster; the next page is fetched while
// one is read. `take` gets each object once. When the server forgets the list in the middle (410),
// it starts again, once, after `restart` has dropped what came so far.
Result<ListEnd> list_all(Client& client, const std::string& path, const Query& query,
                         const OnItem& take, const std::function<void()>& restart,
                         const std::string& what);

// The `metadata.continue` of a list's text, read from its beginning; empty when it has none there.
std::string continue_token(std::string_view list_text);

}  // namespace marvel::kube
