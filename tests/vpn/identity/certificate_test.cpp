#include "vpn/identity/certificate.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

const Secret kAuthority = make_identity(50).secret;

Certificate sample() {
  Certificate certificate;
  certificate.community = community_of(ed25519_public(kAuthority));
  certificate.serial = 0x1122334455667788;
  certificate.key = make_identity(51).point;
  certificate.not_before = 1000;
  certificate.not_after = 2000;
  certificate.name = "edge-1";
  certificate.addresses = {{0x0a080007, 32}, {0x0a080100, 24}};
  certificate.prefixes = {{0x0af40000, 16}};
  certificate.groups = {"camera", "lab"};
  return certificate;
}

}  // namespace

TEST_CASE("a certificate comes back as it was signed") {
  const auto bytes = issue(sample(), kAuthority);
  CHECK(bytes.size() <= kMaxCertificate);
  const auto read = verify_certificate(bytes, ed25519_public(kAuthority));
  REQUIRE(read);
  CHECK(read->serial == sample().serial);
  CHECK(read->key == sample().key);
  CHECK(read->name == "edge-1");
  CHECK(read->addresses == sample().addresses);
  CHECK(read->prefixes == sample().prefixes);
  CHECK(read->groups == sample().groups);
  CHECK(issue(*read, kAuthority) == bytes);
}

TEST_CASE("a certificate with any bit changed, cut short or of another authority is refused") {
  const auto bytes = issue(sample(), kAuthority);
  const VerifyKey key = ed25519_public(kAuthority);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= 4;
    CHECK_FALSE(verify_certificate(changed, key));
    CHECK_FALSE(verify_certificate(Bytes(bytes).first(at), key));
  }
  auto longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(verify_certificate(longer, key));
  CHECK_FALSE(verify_certificate(issue(sample(), make_identity(52).secret), key));
}

TEST_CASE("a certificate for addresses allows these and one without allows any") {
  Certificate certificate = sample();
  CHECK(certificate.allows(0x0a080007));
  CHECK_FALSE(certificate.allows(0x0a080008));
  CHECK(certificate.allows(0x0a0801fe));
  certificate.addresses.clear();
  CHECK(certificate.allows(0x0a080008));
}

TEST_CASE("a certificate for a network allows its parts and nothing around it") {
  const Certificate certificate = sample();
  CHECK(certificate.allows_prefix({0x0af40000, 16}));
  CHECK(certificate.allows_prefix({0x0af40100, 24}));
  CHECK_FALSE(certificate.allows_prefix({0x0af40000, 15}));
  CHECK_FALSE(certificate.allows_prefix({0x0a080000, 24}));
}

TEST_CASE("the largest certificate fits its limit, and group names are short and plain") {
  Certificate certificate = sample();
  certificate.name = std::string(63, 'n');
  certificate.addresses.assign(8, {0x0a080000, 24});
  certificate.prefixes.assign(8, {0x0af40000, 16});
  certificate.groups.assign(8, std::string(16, 'g'));
  CHECK(issue(certificate, kAuthority).size() <= kMaxCertificate);
  certificate.groups = {std::string(17, 'g')};
  CHECK_FALSE(read_certificate(issue(certificate, kAuthority)));
  certificate.groups = {"a b"};
  CHECK_FALSE(read_certificate(issue(certificate, kAuthority)));
}

TEST_CASE("a signed list of revocations covers its serials and cannot be changed") {
  const Revocations list{community_of(ed25519_public(kAuthority)), 1500, {3, 7, 9}};
  const auto bytes = sign_revocations(list, kAuthority);
  const auto read = verify_revocations(bytes, ed25519_public(kAuthority));
  REQUIRE(read);
  CHECK(read->covers(7));
  CHECK_FALSE(read->covers(8));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] ^= 1;
    CHECK_FALSE(verify_revocations(changed, ed25519_public(kAuthority)));
    CHECK_FALSE(verify_revocations(Bytes(bytes).first(at), ed25519_public(kAuthority)));
  }
}

TEST_CASE("the longest list of revocations comes back whole") {
  Revocations list{community_of(ed25519_public(kAuthority)), 1500, {}};
  for (std::uint64_t serial = 0; serial < kMostRevoked; ++serial) {
    list.serials.push_back(serial);
  }
  const auto read =
      verify_revocations(sign_revocations(list, kAuthority), ed25519_public(kAuthority));
  REQUIRE(read);
  CHECK(read->serials == list.serials);
}

TEST_CASE("a list signed as such is no certificate, and files say what they are") {
  const Revocations list{community_of(ed25519_public(kAuthority)), 1500, {}};
  CHECK_FALSE(verify_certificate(sign_revocations(list, kAuthority), ed25519_public(kAuthority)));
  const auto bytes = issue(sample(), kAuthority);
  const auto read = parse_certificate_text(certificate_text(bytes), "it");
  REQUIRE(read);
  CHECK(*read == bytes);
  CHECK_FALSE(parse_revocations_text(certificate_text(bytes), "it"));
  const auto key = parse_authority_text(authority_text(ed25519_public(kAuthority)), "it");
  REQUIRE(key);
  CHECK(*key == ed25519_public(kAuthority));
  CHECK_FALSE(parse_authority_text("marvel-vpn-authority:12", "it"));
}

}  // namespace marvel::vpn
