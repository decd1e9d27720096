#include "vpn/identity/membership.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {
namespace {

struct Signed {
  Secret authority = make_identity(60).secret;
  PublicKey member = make_identity(61).point;
  Membership membership;
  Certificate certificate;

  Signed() {
    membership.authority = ed25519_public(authority);
    membership.community = community_of(*membership.authority);
    certificate = {membership.community, 5, member, 1000, 2000, "edge", {}, {}, {}};
  }
  [[nodiscard]] bool admits(const PublicKey& key, std::uint64_t when) const {
    return membership.admit(key, issue(certificate, authority), when).has_value();
  }
};

}  // namespace

TEST_CASE("a certificate counts for its key, in its time, and until it is revoked") {
  Signed given;
  CHECK(given.admits(given.member, 1000));
  CHECK(given.admits(given.member, 1999));
  CHECK_FALSE(given.admits(given.member, 999));
  CHECK_FALSE(given.admits(given.member, 2000));
  CHECK_FALSE(given.admits(make_identity(62).point, 1500));
  CHECK_FALSE(given.membership.admit(given.member, {}, 1500));
  given.membership.revoked.serials = {5};
  CHECK_FALSE(given.admits(given.member, 1500));
}

TEST_CASE("an older list of revocations takes no newer one's place") {
  Membership now;
  now.authority = VerifyKey{};
  now.revoked.issued = 100;
  Membership next = now;
  CHECK(now.check_successor(next));
  next.revoked.issued = 101;
  CHECK(now.check_successor(next));
  next.revoked.issued = 99;
  CHECK_FALSE(now.check_successor(next));
}

TEST_CASE("with a passphrase the secret decides, not a certificate") {
  Membership membership;
  const auto admitted = membership.admit(make_identity(1).point, {}, 5);
  REQUIRE(admitted);
  CHECK(admitted->allows(0x0a080001));
}

TEST_CASE("a passphrase gives other keys in every community, and the two kinds differ") {
  const auto one = passphrase_keys("correct horse", "grn");
  const auto two = passphrase_keys("correct horse", "lab");
  const auto three = passphrase_keys("correct hors", "grn");
  REQUIRE((one && two && three));
  CHECK(one->member.bytes != two->member.bytes);
  CHECK(one->member.bytes != three->member.bytes);
  CHECK(one->member.bytes != one->supernode.bytes);
  CHECK(supernode_psk(one->supernode).bytes != supernode_identity(one->supernode).bytes);
  CHECK(one->community == community_of_name("grn"));
}

TEST_CASE("a network that the own certificate does not allow is found before others refuse it") {
  Signed given;
  given.certificate.prefixes = {{0x0af40000, 16}};
  given.membership.certificate = issue(given.certificate, given.authority);
  CHECK(given.membership.check_announced({{0x0af40100, 24}}));
  const Status refused = given.membership.check_announced({{0x0af40100, 24}, {0x0af50000, 24}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kUsage);
  CHECK(refused.error().message.find("10.245.0.0/24") != std::string::npos);
  CHECK(Membership().check_announced({{0x0af50000, 24}}));
  CHECK_FALSE(Membership().own());
}

}  // namespace marvel::vpn
