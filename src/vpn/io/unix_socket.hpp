#pragma once

#include "base/result.hpp"
#include "vpn/io/fd.hpp"

#include <filesystem>
#include <string_view>

namespace marvel::vpn {

// Unix sockets in a node's state folder, that only its owner may use.

// kInput for a path that is too long for a socket.
Status check_unix(const std::filesystem::path& path);
// Replaces what is there. It does not block.
Result<Fd> listen_unix(const std::filesystem::path& path);
// Connected to the node that listens there, or not open.
Result<Fd> connect_unix(const std::filesystem::path& path);
// All of `text`; false when the other side is gone, or does not read for 0.2 s: one that does not
// read must not hold up the packets.
bool send_unix(int fd, std::string_view text);

}  // namespace marvel::vpn
