#pragma once

#include "base/result.hpp"
#include "vpn/crypto/sodium.hpp"
#include "vpn/wire/endpoint.hpp"

#include <string>
#include <vector>

namespace marvel::vpn {

// Membership on paper: the community's authority (an Ed25519 key) says that the holder of an X25519
// key is a member of this name. docs/formats/vpn-files.md has the bytes.

// BLAKE2b-128 of the authority's public key.
using CommunityId = Block<16>;
CommunityId community_of(const VerifyKey& authority);

// A name of a group: like a node's, at most 16 letters.
bool is_group_name(std::string_view name);

struct Certificate {
  CommunityId community{};
  std::uint64_t serial = 0;         // drawn at random when it is issued
  PublicKey key{};                  // of the member
  std::uint64_t not_before = 0;     // seconds since 1970, included
  std::uint64_t not_after = 0;      // not included
  std::string name;                 // see is_node_name
  std::vector<Subnet> addresses;    // at most 8; it may have one of these only. Empty: any.
  std::vector<Subnet> prefixes;     // at most 8 networks that may be behind it
  std::vector<std::string> groups;  // at most 8 names, for access lists

  [[nodiscard]] bool allows(Ipv4 address) const;
  // Whether one of its prefixes holds the whole network.
  [[nodiscard]] bool allows_prefix(const Subnet& network) const;
};

inline constexpr std::size_t kMaxCertificate = 512;  // bytes

std::vector<std::uint8_t> issue(const Certificate& certificate, const Secret& authority);
// The content, whether or not the signature is right. Nothing for bytes that are no certificate.
std::optional<Certificate> read_certificate(Bytes bytes);
// The content if `authority` signed it. Validity in time is the caller's to check.
std::optional<Certificate> verify_certificate(Bytes bytes, const VerifyKey& authority);

// Serials that count no longer, signed as well, so that it can be handed on by anybody.
struct Revocations {
  CommunityId community{};
  std::uint64_t issued = 0;            // seconds since 1970; a newer list replaces an older one
  std::vector<std::uint64_t> serials;  // ascending, at most 65535

  [[nodiscard]] bool covers(std::uint64_t serial) const;
};
std::vector<std::uint8_t> sign_revocations(const Revocations& list, const Secret& authority);
std::optional<Revocations> verify_revocations(Bytes bytes, const VerifyKey& authority);

// Files: one line, a word that says what it is, and base64 (hex for the authority's public key).
std::string certificate_text(Bytes certificate);
std::string revocations_text(Bytes list);
std::string authority_text(const VerifyKey& authority);
// kInput, naming `what`, for another kind of line.
Result<std::vector<std::uint8_t>> parse_certificate_text(std::string_view text,
                                                         const std::string& what);
Result<std::vector<std::uint8_t>> parse_revocations_text(std::string_view text,
                                                         const std::string& what);
Result<VerifyKey> parse_authority_text(std::string_view text, const std::string& what);

}  // namespace marvel::vpn
