#include "cli/vpn_credentials.hpp"

#include "base/file.hpp"
#include "vpn/identity/key_file.hpp"
#include "vpn/io/derive_apart.hpp"
#include "vpn/io/state_folder.hpp"

namespace marvel::cli {
namespace {

using vpn::KeyKind;
using vpn::KeyPairX;
using vpn::Membership;

Status check_choice(const CredentialFlags& flags) {
  const bool certificates = !flags.authority.empty() || !flags.cert.empty();
  if (flags.key_file.empty() && !certificates) {
    return fail(Errc::kUsage, "--key-file is missing",
                "a file with the community's passphrase; or --identity and --authority, and for an "
                "edge --cert");
  }
  if (!flags.key_file.empty() && certificates) {
    return fail(Errc::kUsage, "--key-file and certificates are two kinds of membership");
  }
  if (!certificates && !flags.revoked.empty()) {
    return fail(Errc::kUsage, "--revoked needs certificates",
                "who knows the passphrase is a member; to expel somebody choose another one");
  }
  if (certificates && flags.authority.empty()) {
    return fail(Errc::kUsage, "--authority is missing",
                "a file with the public key that marvel vpn pubkey prints");
  }
  return {};
}

constexpr std::string_view kKeyWord = "marvel-vpn-";  // that files of keys begin with

// A key file or nothing at all in the place of a passphrase is a mistake.
Result<std::string> passphrase_from(const std::string& file) {
  MARVEL_TRY(std::string passphrase, vpn::read_private_file(file));
  if (passphrase.empty() || passphrase.starts_with(kKeyWord)) {
    return fail(Errc::kInput, "'" + file + "' holds no passphrase");
  }
  return passphrase;
}

// The part that edges and super nodes have in common.
Result<Membership> by_certificate(const CredentialFlags& flags) {
  Membership membership;
  MARVEL_TRY(const std::string line, read_file(flags.authority));
  MARVEL_TRY(membership.authority, vpn::parse_authority_text(line, "'" + flags.authority + "'"));
  membership.community = vpn::community_of(*membership.authority);
  if (!flags.revoked.empty()) {
    MARVEL_TRY(const std::string text, read_file(flags.revoked));
    MARVEL_TRY(const auto bytes, vpn::parse_revocations_text(text, "'" + flags.revoked + "'"));
    const auto list = vpn::verify_revocations(bytes, *membership.authority);
    if (!list) {
      return fail(Errc::kInput, "'" + flags.revoked + "' is not signed by the authority");
    }
    membership.revoked = *list;
  }
  return membership;
}

Result<KeyPairX> identity_from(const std::string& file) {
  if (file.empty()) {
    return fail(Errc::kUsage, "--identity is missing", "marvel vpn keygen makes one");
  }
  MARVEL_TRY(const vpn::Secret secret, vpn::read_key_file(file, KeyKind::kIdentity));
  return KeyPairX::from(secret);
}

Result<EdgeCredentials> certified_edge(const CredentialFlags& flags) {
  if (flags.cert.empty()) {
    return fail(Errc::kUsage, "--cert is missing", "marvel vpn cert issue makes it");
  }
  MARVEL_TRY(const KeyPairX identity, identity_from(flags.identity));
  return renewed_credentials(flags, identity);
}

}  // namespace

Result<EdgeCredentials> renewed_credentials(const CredentialFlags& flags,
                                            const KeyPairX& identity) {
  EdgeCredentials credentials;
  credentials.identity = identity;
  MARVEL_TRY(credentials.peers, by_certificate(flags));
  MARVEL_TRY(const std::string text, read_file(flags.cert));
  MARVEL_TRY(credentials.peers.certificate,
             vpn::parse_certificate_text(text, "'" + flags.cert + "'"));
  const auto authority = credentials.peers.authority;
  const auto certificate =
      authority ? vpn::verify_certificate(credentials.peers.certificate, *authority) : std::nullopt;
  if (!certificate || certificate->key != credentials.identity.point) {
    return fail(Errc::kInput,
                "'" + flags.cert + "' is not signed by the authority for this identity",
                "marvel vpn cert show tells whose it is");
  }
  // A super node is known by its key, and shows no certificate.
  credentials.supernodes = credentials.peers;
  credentials.supernodes.authority.reset();
  return credentials;
}

Result<vpn::Secret> identity_in(const std::string& state, Log& log) {
  MARVEL_TRY(const FolderLock lock, vpn::lock_state(state));
  vpn::SystemRandom random;
  MARVEL_TRY(const vpn::KeptIdentity identity, vpn::load_or_make_identity(state, random));
  if (identity.was_empty) {
    log.warning("'" + state +
                "/identity.key' was empty, as after a power failure; this node has a new key, and "
                "may get another address");
  }
  return identity.secret;
}

Result<EdgeCredentials> edge_credentials(const CredentialFlags& flags, const std::string& community,
                                         const std::string& state, Log& log) {
  MARVEL_TRY_STATUS(check_choice(flags));
  if (flags.key_file.empty()) {
    return certified_edge(flags);
  }
  EdgeCredentials credentials;
  if (flags.identity.empty()) {
    MARVEL_TRY(const vpn::Secret secret, identity_in(state, log));
    credentials.identity = KeyPairX::from(secret);
  } else {
    MARVEL_TRY(credentials.identity, identity_from(flags.identity));
  }
  MARVEL_TRY(const std::string passphrase, passphrase_from(flags.key_file));
  MARVEL_TRY(const auto keys, vpn::passphrase_keys_apart(passphrase, community));
  credentials.peers.community = keys.community;
  credentials.peers.psk = keys.member;
  credentials.supernodes.community = keys.community;
  credentials.supernodes.psk = vpn::supernode_psk(keys.supernode);
  credentials.supernode_key = vpn::x25519_public(vpn::supernode_identity(keys.supernode));
  return credentials;
}

Result<Membership> supernode_membership(const CredentialFlags& flags) {
  return by_certificate(flags);
}

Result<SupernodeKey> supernode_key(const CredentialFlags& flags) {
  MARVEL_TRY_STATUS(check_choice(flags));
  SupernodeKey key;
  MARVEL_TRY(key.passphrase, vpn::read_private_file(flags.key_file));
  if (key.passphrase.starts_with(kKeyWord)) {
    MARVEL_TRY(key.part, vpn::parse_key(key.passphrase, KeyKind::kSupernode, flags.key_file));
    key.passphrase.clear();
  } else if (key.passphrase.empty()) {
    return fail(Errc::kInput, "'" + flags.key_file + "' holds no passphrase");
  }
  return key;
}

Result<SupernodeCredentials> supernode_credentials(const SupernodeKey& key,
                                                   const std::string& community) {
  vpn::Secret secret;
  if (key.part) {
    secret = *key.part;
  } else {
    MARVEL_TRY(const auto keys, vpn::passphrase_keys_apart(key.passphrase, community));
    secret = keys.supernode;
  }
  SupernodeCredentials credentials;
  credentials.identity = KeyPairX::from(vpn::supernode_identity(secret));
  credentials.membership.community = vpn::community_of_name(community);
  credentials.membership.psk = vpn::supernode_psk(secret);
  return credentials;
}

Result<SupernodeCredentials> certified_supernode(const CredentialFlags& flags) {
  MARVEL_TRY_STATUS(check_choice(flags));
  SupernodeCredentials credentials;
  MARVEL_TRY(credentials.identity, identity_from(flags.identity));
  MARVEL_TRY(credentials.membership, by_certificate(flags));
  return credentials;
}

}  // namespace marvel::cli
