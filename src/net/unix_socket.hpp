#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::net {

// Unix sockets that only the user of a program may use. All that take a path fail with kInput where
// it is too long for a socket, and then advise a shorter `flag`, the one that chooses it.

// Replaces what is there; whoever asks has made sure that nobody answers on it. It does not block.
// kUnavailable when nothing can be made there.
Result<Fd> listen_unix(const std::filesystem::path& path, const std::string& flag);
// Connected to the program that listens there, or not open.
Result<Fd> connect_unix(const std::filesystem::path& path, const std::string& flag);
// All of `text`; false when the other side is gone, or does not read for 0.2 s: one that does not
// read must not hold up the work.
bool send_unix(int fd, std::string_view text);

}  // namespace marvel::net
