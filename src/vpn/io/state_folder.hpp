#pragma once

#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "net/status_socket.hpp"

#include <filesystem>

namespace marvel::vpn {

// Held by a node as long as it runs, so that no two nodes share keys and leases. kConflict while
// another node has the folder, kUnavailable when the lock's file (node.lock) cannot be made. The
// first thing a node does, before it touches anything else in the folder; ends with the process,
// however that ends. docs/formats/vpn-files.md lists what is in a state folder.
Result<FolderLock> lock_state(const std::filesystem::path& state_folder);
// Where the node with this state folder tells its administrator how it is: status.sock in it. For
// the node, which listens there, and for `marvel vpn status`, which asks.
net::StatusPlace status_place(const std::filesystem::path& state_folder);

}  // namespace marvel::vpn
