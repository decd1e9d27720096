#pragma once

#include "vpn/identity/membership.hpp"

namespace marvel::vpn {

// passphrase_keys() in a child process that ends at once, so that a node that runs for months never
// holds the 64 MiB that Argon2id needs once: peak memory counts against the limit of a container.
// From any thread, as when files are read again beside the packets: the child takes memory,
// computes and writes to a pipe, and needs no lock that another thread may have held. Without a
// child (fork refused) it is done here.
Result<PassphraseKeys> passphrase_keys_apart(std::string_view passphrase,
                                             const std::string& community);

}  // namespace marvel::vpn
