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
//
// An edge has two of these. The one towards super nodes never has an authority: a super node is
// known by its static key and shows no certificate, while it asks the edge for one. It is a plain
// value that may be copied; all functions are const, cost at most one check of a signature, and may
// be called from any thread.
struct Membership {
  CommunityId community{};
  Secret psk;
  // Whose signature makes a member. None: the passphrase does, and certificates are not looked at.
  std::optional<VerifyKey> authority;
  // Serials that count no longer. Only with an authority.
  Revocations revoked;
  // The bytes that are shown to others, as they came from the authority; a super node has none.
  std::vector<std::uint8_t> certificate;

  // Whether the holder of `key`, who showed `certificate` (empty for none), is a member at
  // `unix_seconds`. The answer is the certificate; with a passphrase one that allows everything.
  [[nodiscard]] std::optional<Certificate> admit(const PublicKey& key, Bytes certificate_shown,
                                                 std::uint64_t unix_seconds) const;
  // What `certificate` says; nothing without an authority.
  [[nodiscard]] std::optional<Certificate> own() const;
  // Whether others let the holder of `certificate` announce these networks: kUsage for one that it
  // does not allow. With a passphrase all are.
  [[nodiscard]] Status check_announced(const std::vector<Subnet>& networks) const;
  // Whether `next` may take the place of this. kInput when its list of revocations is older than
  // the one here: expelled members would be let in again.
  // The node itself asks this of nobody: whoever reads the files again calls it first.
  [[nodiscard]] Status check_successor(const Membership& next) const;
};

// What a passphrase gives, by Argon2id and then BLAKE2b with a purpose each. A super node gets only
// `supernode`, of which nobody can work out `member`: it introduces and relays but cannot join.
//
//   passphrase, community id -> root -> member      psk between edges
//                                    -> supernode   -> psk between edge and super node
//                                                   -> identity of the community's super nodes
struct PassphraseKeys {
  CommunityId community{};
  Secret member;     // the psk between edges
  Secret supernode;  // see supernode_psk and supernode_identity
};
// 64 MiB and 0.1 to 0.3 s; kUnavailable without the memory. The same words give other keys in every
// community, whose name is the salt. io/derive_apart.hpp does it in another process, so that a node
// does not keep the memory.
Result<PassphraseKeys> passphrase_keys(std::string_view passphrase, const std::string& community);
// Both of PassphraseKeys::supernode: the psk between edge and super node, and the static key by
// which the super nodes of this community are known to its edges.
Secret supernode_psk(const Secret& supernode);
Secret supernode_identity(const Secret& supernode);
// How a community with a passphrase is named in handshakes.
CommunityId community_of_name(const std::string& name);

}  // namespace marvel::vpn
