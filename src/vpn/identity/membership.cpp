#include "vpn/identity/membership.hpp"

#include <limits>

namespace marvel::vpn {
namespace {

Secret derive(const Secret& from, std::string_view purpose) {
  return Secret(blake2b_256({bytes_of(purpose)}, from.bytes));
}

}  // namespace

std::optional<Certificate> Membership::admit(const PublicKey& key, Bytes certificate_shown,
                                             std::uint64_t unix_seconds) const {
  if (!authority) {
    Certificate everything;
    everything.community = community;
    everything.key = key;
    everything.not_after = std::numeric_limits<std::uint64_t>::max();
    return everything;
  }
  auto shown = verify_certificate(certificate_shown, *authority);
  const bool good = shown && shown->key == key && unix_seconds >= shown->not_before &&
                    unix_seconds < shown->not_after && !revoked.covers(shown->serial);
  return good ? shown : std::nullopt;
}

std::optional<Certificate> Membership::own() const {
  return authority ? read_certificate(certificate) : std::nullopt;
}

Status Membership::check_announced(const std::vector<Subnet>& networks) const {
  const auto ours = own();
  for (const Subnet& one : networks) {
    if (ours && !ours->allows_prefix(one)) {
      return fail(Errc::kUsage,
                  "--announce " + one.text() + ": the certificate of this node does not allow it",
                  "marvel vpn cert issue --network " + one.text() + " makes one that does");
    }
  }
  return {};
}

Status Membership::check_successor(const Membership& next) const {
  if (authority && next.revoked.issued < revoked.issued) {
    return fail(Errc::kInput,
                "the list of revocations is older than the one that counts: it was issued " +
                    std::to_string(revoked.issued - next.revoked.issued) + " seconds before",
                "--revoked names the newest list");
  }
  return {};
}

CommunityId community_of_name(const std::string& name) {
  return blake2b_128({bytes_of("marvel vpn community 1"), bytes_of(name)});
}

Result<PassphraseKeys> passphrase_keys(std::string_view passphrase, const std::string& community) {
  PassphraseKeys keys;
  keys.community = community_of_name(community);
  MARVEL_TRY(const Secret root, argon2id(passphrase, keys.community));
  keys.member = derive(root, "marvel vpn member 1");
  keys.supernode = derive(root, "marvel vpn supernode 1");
  return keys;
}

Secret supernode_psk(const Secret& supernode) {
  return derive(supernode, "marvel vpn supernode psk 1");
}

Secret supernode_identity(const Secret& supernode) {
  return derive(supernode, "marvel vpn supernode identity 1");
}

}  // namespace marvel::vpn
