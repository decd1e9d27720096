#pragma once

#include "base/log.hpp"
#include "base/result.hpp"
#include "vpn/identity/membership.hpp"
#include "vpn/noise/handshake.hpp"

#include <optional>
#include <string>

namespace marvel::cli {

// Where a node's secrets come from: files that flags name. There are two kinds of membership, and
// one node has one of them:
//   passphrase    --key-file; the community's name goes into the keys, so both must agree
//   certificates  --identity, --authority, for an edge --cert, and --revoked if there is a list
// An edge with a passphrase may also name its identity; else one is made in its state folder.
// docs/formats/vpn-files.md has the files. The names are texts, and nothing is opened before the
// functions below.
struct CredentialFlags {
  std::string key_file;  // passphrase, or a super node's part of one
  std::string identity;  // secret key of the node
  std::string cert;
  std::string authority;  // public key of the community's authority
  // Signed list of certificates that count no longer; with certificates alone.
  std::string revoked;
};

// Who an edge is, and by what it knows others. It holds secrets: not for logs.
struct EdgeCredentials {
  vpn::KeyPairX identity;
  vpn::Membership peers;
  // With certificates a super node is known by its public key, and shows none.
  vpn::Membership supernodes;
  std::optional<vpn::PublicKey> supernode_key;  // follows from a passphrase; none with certificates
};
// kUsage when flags are missing or do not go together; kInput for a wrong file; kDenied for a
// secret that others may read. With a passphrase it derives keys by Argon2id, in a child process
// that needs 64 MiB for a moment; call it before root is given up. `state` is the folder for the
// identity, which exists; kConflict while another node has it. `log` as in identity_in.
Result<EdgeCredentials> edge_credentials(const CredentialFlags& flags, const std::string& community,
                                         const std::string& state, Log& log);

// The identity that a state folder keeps, made at the first start. The folder exists, and is locked
// meanwhile: kConflict while another node has it. A file that lost its key is made anew, with a
// warning.
Result<vpn::Secret> identity_in(const std::string& state, Log& log);

// Certificate and lists of a node that runs with this identity, as their files are now. The secret
// is not read again: who gave up root may not be able to. With certificates only. kInput for a
// certificate that the authority did not sign for this identity; whether it is valid now is not
// looked at.
Result<EdgeCredentials> renewed_credentials(const CredentialFlags& flags,
                                            const vpn::KeyPairX& identity);

// A super node introduces and relays, but is no member itself.
struct SupernodeCredentials {
  vpn::KeyPairX identity;
  vpn::Membership membership;
};
// What its --key-file holds, for all communities: a pipe can be read once only. Errors as above.
struct SupernodeKey {
  std::string passphrase;
  // In its place the super node's part of one, of which the members' secret cannot be worked out.
  // It is of one community, and does not say of which.
  std::optional<vpn::Secret> part;
};
Result<SupernodeKey> supernode_key(const CredentialFlags& flags);
// One community's: of each that it serves it has others.
Result<SupernodeCredentials> supernode_credentials(const SupernodeKey& key,
                                                   const std::string& community);
// With certificates.
Result<SupernodeCredentials> certified_supernode(const CredentialFlags& flags);
// With certificates: which members count, as the files are now. The authority's public key and its
// list; no secret is read.
Result<vpn::Membership> supernode_membership(const CredentialFlags& flags);

}  // namespace marvel::cli
