#include "vpn/io/state_folder.hpp"

namespace marvel::vpn {

Result<FolderLock> lock_state(const std::filesystem::path& state_folder) {
  return FolderLock::take(state_folder, {"node", "state folder", "--state"});
}

net::StatusPlace status_place(const std::filesystem::path& state_folder) {
  return {state_folder / "status.sock", "node", "the state folder '" + state_folder.string() + "'",
          "--state"};
}

}  // namespace marvel::vpn
