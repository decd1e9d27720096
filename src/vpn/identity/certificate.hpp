#pragma once

#include "base/result.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>
#include <vector>

namespace marvel::vpn {

// Membership on paper: the community's authority (an Ed25519 key) says that the holder of an X25519
// key is a member of this name. docs/formats/vpn-files.md has the bytes.
//
//   authority   issue(certificate, secret) -> bytes -> certificate_text -> a file for the member
//   member      the file -> parse_certificate_text -> bytes -> Membership::certificate
//   others      the bytes, shown in a handshake -> Membership::admit -> verify_certificate
//
// Signatures are over a context and the bytes, so what was signed as one thing never counts as
// another. All functions are pure and may be called from any thread. Signing and checking take one
// operation of Ed25519 each.
//
// BLAKE2b-128 of the authority's public key: whoever has the key knows the name of the community.
using CommunityId = Block<16>;
CommunityId community_of(const VerifyKey& authority);

// A name of a group: like a node's (is_node_name), at most 16 letters.
bool is_group_name(std::string_view name);

// A limit that is broken makes bytes that nobody reads: who issues checks names and counts before.
struct Certificate {
  CommunityId community{};
  // A list of revocations names certificates by it. Drawn at random when it is issued; one that
  // renews another one has the same, so that both are revoked together.
  std::uint64_t serial = 0;
  PublicKey key{};               // of the member
  std::uint64_t not_before = 0;  // seconds since 1970, included
  std::uint64_t not_after = 0;   // not included
  std::string name;              // see is_node_name
  // At most 8 networks of 8 to 32 bits; the member may have one address of these only. Empty: any.
  std::vector<Subnet> addresses;
  // At most 8 networks of 8 to 32 bits that may be behind the member. Empty: none.
  std::vector<Subnet> prefixes;
  std::vector<std::string> groups;  // at most 8 names, for access lists

  // Whether the member may have this address of the overlay.
  [[nodiscard]] bool allows(Ipv4 address) const;
  // Whether one of its prefixes holds the whole network.
  [[nodiscard]] bool allows_prefix(const Subnet& network) const;
};

// Bytes; the largest certificate has 420. What is longer is refused before it is read.
inline constexpr std::size_t kMaxCertificate = 512;  // bytes

// The certificate with its signature, as version 2. Version 1, which has neither prefixes nor
// groups, is read as well.
std::vector<std::uint8_t> issue(const Certificate& certificate, const Secret& authority);
// The content, whether or not the signature is right: for people who want to look. Nothing for
// bytes that are no certificate: another version, a field out of range, bytes left over.
std::optional<Certificate> read_certificate(Bytes bytes);
// The content if `authority` signed it. Validity in time, whose key it is and whether it was
// revoked is the caller's to check; Membership::admit does all of it.
std::optional<Certificate> verify_certificate(Bytes bytes, const VerifyKey& authority);

inline constexpr std::size_t kMostRevoked = 65535;  // serials in a list; their number has 16 bits

// Serials that count no longer, signed as well, so that it can be handed on by anybody.
struct Revocations {
  CommunityId community{};
  std::uint64_t issued = 0;            // seconds since 1970; a newer list replaces an older one
  std::vector<std::uint64_t> serials;  // ascending, at most kMostRevoked

  // A binary search: `serials` must be ascending.
  [[nodiscard]] bool covers(std::uint64_t serial) const;
};
// The signed list, and back: nothing for another authority's, a changed one, or one out of order.
std::vector<std::uint8_t> sign_revocations(const Revocations& list, const Secret& authority);
std::optional<Revocations> verify_revocations(Bytes bytes, const VerifyKey& authority);

// Files: one line, a word that says what it is, and base64 (hex for the authority's public key).
//   marvel-vpn-certificate:AgMi...
//   marvel-vpn-revocations:AQEk...
//   marvel-vpn-authority:5f0a...
std::string certificate_text(Bytes certificate);
std::string revocations_text(Bytes list);
std::string authority_text(const VerifyKey& authority);
// kInput, naming `what`, for another kind of line. Blanks around it do not count. Only the form is
// looked at: what the bytes are worth read_* and verify_* say.
Result<std::vector<std::uint8_t>> parse_certificate_text(std::string_view text,
                                                         const std::string& what);
Result<std::vector<std::uint8_t>> parse_revocations_text(std::string_view text,
                                                         const std::string& what);
Result<VerifyKey> parse_authority_text(std::string_view text, const std::string& what);

}  // namespace marvel::vpn
