#include "vpn/identity/certificate.hpp"

#include "base/base64.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "vpn/wire/control.hpp"
#include "vpn/wire/reader.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::uint8_t kVersion = 2;  // of a certificate; 1 has neither prefixes nor groups
constexpr std::uint8_t kListVersion = 1;
constexpr std::size_t kSignature = 64;
constexpr std::size_t kMostSubnets = 8;
constexpr std::size_t kMostGroups = 8;
constexpr std::size_t kLongestGroup = 16;

// A signature for one purpose never serves another.
constexpr std::string_view kCertificateContext = "marvel vpn certificate 1";
constexpr std::string_view kRevocationContext = "marvel vpn revocations 1";

constexpr std::string_view kCertificateWord = "marvel-vpn-certificate:";
constexpr std::string_view kRevocationsWord = "marvel-vpn-revocations:";
constexpr std::string_view kAuthorityWord = "marvel-vpn-authority:";

std::vector<std::uint8_t> with_context(std::string_view context, Bytes body) {
  std::vector<std::uint8_t> message(context.begin(), context.end());
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

std::vector<std::uint8_t> sign(std::string_view context, std::vector<std::uint8_t> body,
                               const Secret& authority) {
  const Signature signature = ed25519_sign(authority, with_context(context, body));
  body.insert(body.end(), signature.begin(), signature.end());
  return body;
}

bool signed_by(const VerifyKey& authority, std::string_view context, Bytes bytes) {
  if (bytes.size() < kSignature) {
    return false;
  }
  Signature signature{};
  const Bytes end = bytes.last(kSignature);
  std::copy(end.begin(), end.end(), signature.begin());
  return ed25519_verify(authority, with_context(context, bytes.first(bytes.size() - kSignature)),
                        signature);
}

void read_subnets(Reader& in, std::vector<Subnet>& subnets) {
  const std::size_t count = in.number<std::uint8_t>();
  if (count > kMostSubnets) {
    in.refuse();
    return;
  }
  for (std::size_t at = 0; at < count; ++at) {
    const auto base = in.number<Ipv4>();
    const auto bits = in.number<std::uint8_t>();
    const bool sane = bits >= 8 && bits <= 32;
    subnets.push_back({base, sane ? bits : 32U});
    if (!sane || (base & ~subnets.back().mask()) != 0) {
      in.refuse();
    }
  }
}

void write_subnets(Writer& out, const std::vector<Subnet>& subnets) {
  out.number(static_cast<std::uint8_t>(subnets.size()));
  for (const Subnet& subnet : subnets) {
    out.number(subnet.base);
    out.number(static_cast<std::uint8_t>(subnet.bits));
  }
}

void write_text(Writer& out, const std::string& text) {
  out.number(static_cast<std::uint8_t>(text.size()));
  out.bytes(bytes_of(text));
}

void read_groups(Reader& in, std::vector<std::string>& groups) {
  const std::size_t count = in.number<std::uint8_t>();
  if (count > kMostGroups) {
    in.refuse();
    return;
  }
  for (std::size_t at = 0; at < count; ++at) {
    groups.push_back(text_of(in.take(in.number<std::uint8_t>())));
    if (!is_group_name(groups.back())) {
      in.refuse();
    }
  }
}

Result<std::vector<std::uint8_t>> parse_line(std::string_view text, std::string_view word,
                                             const std::string& what) {
  const std::string_view line = trim(text);
  const auto bytes = line.starts_with(word) ? base64_decode(line.substr(word.size()))
                                            : Result<std::string>(fail(Errc::kInput, "no"));
  if (!bytes) {
    return fail(Errc::kInput, what + " is not a line " + std::string(word) + " and base64");
  }
  return std::vector<std::uint8_t>(bytes->begin(), bytes->end());
}

}  // namespace

CommunityId community_of(const VerifyKey& authority) {
  return blake2b_128({authority});
}

bool is_group_name(std::string_view name) {
  return is_node_name(name) && name.size() <= kLongestGroup;
}

bool Certificate::allows_prefix(const Subnet& network) const {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const Subnet& one) {
    return one.bits <= network.bits && one.contains(network.base);
  });
}

bool Certificate::allows(Ipv4 address) const {
  return addresses.empty() || std::any_of(addresses.begin(), addresses.end(),
                                          [&](const Subnet& one) { return one.contains(address); });
}

std::vector<std::uint8_t> issue(const Certificate& certificate, const Secret& authority) {
  Writer out;
  out.number(kVersion);
  out.bytes(certificate.community);
  out.number(certificate.serial);
  out.bytes(certificate.key);
  out.number(certificate.not_before);
  out.number(certificate.not_after);
  write_text(out, certificate.name);
  write_subnets(out, certificate.addresses);
  write_subnets(out, certificate.prefixes);
  out.number(static_cast<std::uint8_t>(certificate.groups.size()));
  for (const std::string& group : certificate.groups) {
    write_text(out, group);
  }
  return sign(kCertificateContext, out.take(), authority);
}

std::optional<Certificate> read_certificate(Bytes bytes) {
  if (bytes.size() > kMaxCertificate) {
    return std::nullopt;
  }
  Reader in(bytes);
  Certificate content;
  const auto version = in.number<std::uint8_t>();
  if (version < 1 || version > kVersion) {
    return std::nullopt;
  }
  content.community = in.block<16>();
  content.serial = in.number<std::uint64_t>();
  content.key = in.block<32>();
  content.not_before = in.number<std::uint64_t>();
  content.not_after = in.number<std::uint64_t>();
  content.name = text_of(in.take(in.number<std::uint8_t>()));
  read_subnets(in, content.addresses);
  if (version == kVersion) {
    read_subnets(in, content.prefixes);
    read_groups(in, content.groups);
  }
  in.take(kSignature);
  return in.done() && is_node_name(content.name) ? std::optional(content) : std::nullopt;
}

std::optional<Certificate> verify_certificate(Bytes bytes, const VerifyKey& authority) {
  auto content = read_certificate(bytes);
  const bool good = content && content->community == community_of(authority) &&
                    signed_by(authority, kCertificateContext, bytes);
  return good ? content : std::nullopt;
}

bool Revocations::covers(std::uint64_t serial) const {
  return std::binary_search(serials.begin(), serials.end(), serial);
}

std::vector<std::uint8_t> sign_revocations(const Revocations& list, const Secret& authority) {
  Writer out;
  out.number(kListVersion);
  out.bytes(list.community);
  out.number(list.issued);
  MARVEL_CHECK(list.serials.size() <= kMostRevoked, "a list has at most kMostRevoked serials");
  out.number(static_cast<std::uint16_t>(list.serials.size()));
  for (const std::uint64_t serial : list.serials) {
    out.number(serial);
  }
  return sign(kRevocationContext, out.take(), authority);
}

std::optional<Revocations> verify_revocations(Bytes bytes, const VerifyKey& authority) {
  Reader in(bytes);
  Revocations list;
  if (in.number<std::uint8_t>() != kListVersion) {
    return std::nullopt;
  }
  list.community = in.block<16>();
  list.issued = in.number<std::uint64_t>();
  const std::size_t count = in.number<std::uint16_t>();
  for (std::size_t at = 0; at < count && in.ok(); ++at) {
    list.serials.push_back(in.number<std::uint64_t>());
  }
  in.take(kSignature);
  const bool good = in.done() && std::is_sorted(list.serials.begin(), list.serials.end()) &&
                    list.community == community_of(authority) &&
                    signed_by(authority, kRevocationContext, bytes);
  return good ? std::optional(list) : std::nullopt;
}

std::string certificate_text(Bytes certificate) {
  return std::string(kCertificateWord) + base64_encode(text_of(certificate)) + "\n";
}

std::string revocations_text(Bytes list) {
  return std::string(kRevocationsWord) + base64_encode(text_of(list)) + "\n";
}

std::string authority_text(const VerifyKey& authority) {
  return std::string(kAuthorityWord) + hex(authority) + "\n";
}

Result<std::vector<std::uint8_t>> parse_certificate_text(std::string_view text,
                                                         const std::string& what) {
  return parse_line(text, kCertificateWord, what);
}

Result<std::vector<std::uint8_t>> parse_revocations_text(std::string_view text,
                                                         const std::string& what) {
  return parse_line(text, kRevocationsWord, what);
}

Result<VerifyKey> parse_authority_text(std::string_view text, const std::string& what) {
  const std::string_view line = trim(text);
  VerifyKey key{};
  if (!line.starts_with(kAuthorityWord) || !unhex(line.substr(kAuthorityWord.size()), key)) {
    return fail(Errc::kInput,
                what + " is not a line " + std::string(kAuthorityWord) + " and 64 digits",
                "marvel vpn pubkey prints it");
  }
  return key;
}

}  // namespace marvel::vpn
