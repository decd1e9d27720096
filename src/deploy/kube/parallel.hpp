#pragma once

#include "deploy/kube/client.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace marvel::kube {

// Calls `work` for 0 .. count-1 by up to 8 threads, each with a client (a kept connection) of its
// own. Returns when all calls have; `work` must not throw.
void in_parallel(const std::shared_ptr<Connection>& connection, std::size_t count,
                 const std::function<void(Client& client, std::size_t index)>& work);

}  // namespace marvel::kube
