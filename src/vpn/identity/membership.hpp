#pragma once

#include "vpn/identity/certificate.hpp"

#include <string>
#include <vector>

namespace marvel::vpn {

// How the members of a community know each other.
//
// With a passphrase everybody who knows it is a member: the secret below is mixed into each
// handshake. With certificates the secret is zero and each side shows a certificate inside the
// encrypted part of its message.
struct Membership {
  CommunityId community{};
  Secret psk;
  std::optional<VerifyKey> authority;  // none: passphrase
  Revocations revoked;
  std::vector<std::uint8_t> certificate;  // shown to others; a super node has none

  // Whether the holder of `key`, who showed `certificate` (empty for none), is a member at
  // `unix_seconds`. The answer is the certificate; with a passphrase one that allows everything.
  [[nodiscard]] std::optional<Certificate> admit(const PublicKey& key, Bytes certificate_shown,
                                                 std::uint64_t unix_seconds) const;
  // Whether `next` may take the place of this. kInput when its list of revocations is older than
  // the one here: expelled members would be let in again.
  [[nodiscard]] Status check_successor(const Membership& next) const;
};

// What a passphrase gives, by Argon2id and then BLAKE2b with a purpose each. A super node gets only
// `supernode`, of which nobody can work out `member`: it introduces and relays but cannot join.
struct PassphraseKeys {
  CommunityId community{};
  Secret member;     // the psk between edges
  Secret supernode;  // see supernode_psk and supernode_identity
};
Result<PassphraseKeys> passphrase_keys(std::string_view passphrase, const std::string& community);
// Both of PassphraseKeys::supernode: the psk between edge and super node, and the static key by
// which the super nodes of this community are known to its edges.
Secret supernode_psk(const Secret& supernode);
Secret supernode_identity(const Secret& supernode);
// How a community with a passphrase is named in handshakes.
CommunityId community_of_name(const std::string& name);

}  // namespace marvel::vpn
