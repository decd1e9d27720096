#pragma once

#include "deploy/kube/client.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace marvel::kube {

// Calls `work` for 0 .. count-1 by up to 8 threads, this one among them, each with a client (a kept
// connection) of its own, so that requests need not wait for one another. Indices are handed out in
// rising order, and each call may write to its own place only:
//
//   std::vector<Result<json>> objects(paths.size());
//   in_parallel(connection, paths.size(), [&](Client& client, std::size_t i) {
//     objects[i] = client.get(paths[i], {}, "reading " + paths[i]);
//   });
//
// Returns when all calls have; `work` must not throw. A stop is not looked at here: the requests of
// `work` fail then.
void in_parallel(const std::shared_ptr<Connection>& connection, std::size_t count,
                 const std::function<void(Client& client, std::size_t index)>& work);

}  // namespace marvel::kube
