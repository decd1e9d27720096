#pragma once

#include "base/folder_lock.hpp"
#include "base/result.hpp"
#include "net/status_socket.hpp"

#include <filesystem>

namespace marvel::vpn {

// Held by a node as long as it runs, so that no two nodes share keys and leases. kConflict while
// another node has the folder.
Result<FolderLock> lock_state(const std::filesystem::path& state_folder);
// Where the node with this state folder tells its administrator how it is.
net::StatusPlace status_place(const std::filesystem::path& state_folder);

}  // namespace marvel::vpn
