#pragma once

#include "vpn/identity/membership.hpp"

namespace marvel::vpn {

// passphrase_keys() in a child process that ends at once, so that a node that runs for months never
// holds the 64 MiB that Argon2id needs once: peak memory counts against the limit of a container.
// From any thread, as when files are read again beside the packets: the child takes memory,
// computes and writes to a pipe, and needs no lock that another thread may have held. Without a
// child (fork refused) it is done here.
//
// Takes as long as argon2id(), 0.1 to 0.3 s, in which the caller waits. kUnavailable when the child
// ends without an answer, which a lack of memory makes it do. The keys pass through a pipe between
// the two processes alone.
Result<PassphraseKeys> passphrase_keys_apart(std::string_view passphrase,
                                             const std::string& community);

}  // namespace marvel::vpn
