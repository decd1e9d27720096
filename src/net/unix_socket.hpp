#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace marvel::net {

// What StatusSocket and other private doors of a running program are made of. Unix sockets that
// only the user of a program may use. All that take a path fail with kInput where it is too long
// for a socket (107 bytes), and then advise a shorter `flag`, the one that chooses it.
//
// Replaces a socket that is there; whoever asks has made sure that nobody answers on it. What is no
// socket stays as it is: kInput, which also advises another `flag`. It does not block: accept4
// fails with EAGAIN where nobody waits. Eight may wait. kUnavailable when nothing can be made
// there. The umask of the process is another one for a moment, so files that other threads make
// then are private, too.
Result<Fd> listen_unix(const std::filesystem::path& path, const std::string& flag);
// Connected to the program that listens there, or not open: when the file is not there, or nobody
// listens on it any more. kDenied for one that this user may not use. The descriptor blocks.
Result<Fd> connect_unix(const std::filesystem::path& path, const std::string& flag);
// All of `text`; false when the other side is gone, or does not read for 0.2 s: one that does not
// read must not hold up the work. The limit holds for each piece that the system takes, and stays
// set for this descriptor. No signal comes of it when the other side is gone.
bool send_unix(int fd, std::string_view text);

}  // namespace marvel::net
