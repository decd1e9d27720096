#pragma once

#include "base/result.hpp"
#include "vpn/identity/membership.hpp"
#include "vpn/noise/handshake.hpp"

#include <optional>
#include <string>

namespace marvel::cli {

// Where a node's secrets come from: files that flags name.
struct CredentialFlags {
  std::string key_file;  // passphrase, or a super node's part of one
  std::string identity;  // secret key of the node
  std::string cert;
  std::string authority;  // public key of the community's authority
  std::string revoked;
};

struct EdgeCredentials {
  vpn::KeyPairX identity;
  vpn::Membership peers;
  vpn::Membership supernodes;
  std::optional<vpn::PublicKey> supernode_key;  // follows from a passphrase; none with certificates
};
// kUsage when flags are missing or do not go together; kInput for a wrong file; kDenied for a
// secret that others may read.
Result<EdgeCredentials> edge_credentials(const CredentialFlags& flags, const std::string& community,
                                         const std::string& state);

// Certificate and lists of a node that runs with this identity, as their files are now. The secret
// is not read again: who gave up root may not be able to.
Result<EdgeCredentials> renewed_credentials(const CredentialFlags& flags,
                                            const vpn::KeyPairX& identity);

struct SupernodeCredentials {
  vpn::KeyPairX identity;
  vpn::Membership membership;
};
Result<SupernodeCredentials> supernode_credentials(const CredentialFlags& flags,
                                                   const std::string& community);
// With certificates: which members count, as the files are now.
Result<vpn::Membership> supernode_membership(const CredentialFlags& flags);

}  // namespace marvel::cli
