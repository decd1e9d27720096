#include "vpn/identity/key_file.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"
#include "vpn/support.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace marvel::vpn {

TEST_CASE("a key file is for its owner alone, and is never overwritten") {
  const test::TempDir folder;
  const auto path = folder / "edge.key";
  const Secret secret = make_identity(1).secret;
  REQUIRE(write_key_file(path, KeyKind::kIdentity, secret));
  struct stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600);
  const auto read = read_key_file(path, KeyKind::kIdentity);
  REQUIRE(read);
  CHECK(read->bytes == secret.bytes);
  const Status again = write_key_file(path, KeyKind::kIdentity, secret);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::kConflict);
}

TEST_CASE("a key that others may read is refused") {
  const test::TempDir folder;
  const auto path = folder / "edge.key";
  REQUIRE(write_key_file(path, KeyKind::kIdentity, make_identity(1).secret));
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  const auto read = read_key_file(path, KeyKind::kIdentity);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::kDenied);
}

TEST_CASE("a key of another kind, a damaged one and none at all are told apart from a good one") {
  const test::TempDir folder;
  const auto path = folder / "a.key";
  REQUIRE(write_key_file(path, KeyKind::kAuthority, make_identity(1).secret));
  CHECK_FALSE(read_key_file(path, KeyKind::kIdentity));
  const auto any = read_any_key_file(path);
  REQUIRE(any);
  CHECK(any->kind == KeyKind::kAuthority);
  CHECK(any->secret.bytes == make_identity(1).secret.bytes);
  CHECK_FALSE(read_any_key_file(folder / "missing.key"));
  CHECK_FALSE(read_key_file(folder / "missing.key", KeyKind::kIdentity));
  REQUIRE(write_file_atomically(folder / "b.key", "marvel-vpn-identity-secret:12"));
  REQUIRE(::chmod((folder / "b.key").c_str(), 0600) == 0);
  CHECK_FALSE(read_key_file(folder / "b.key", KeyKind::kIdentity));
}

TEST_CASE("an identity is made once and kept") {
  const test::TempDir folder;
  SeededRandom random(3);
  const auto one = load_or_make_identity(folder / "state", random);
  const auto two = load_or_make_identity(folder / "state", random);
  REQUIRE((one && two));
  CHECK(one->secret.bytes == two->secret.bytes);
  CHECK_FALSE(one->was_empty);
}

TEST_CASE("a key is read from its own words and from no others") {
  const std::string digits(64, '7');
  const auto key = parse_key("marvel-vpn-identity-secret:" + digits, KeyKind::kIdentity, "it");
  REQUIRE(key);
  CHECK(hex(key->bytes) == digits);
  for (const auto& text : {"marvel-vpn-authority-secret:" + digits, digits, std::string(),
                           "marvel-vpn-identity-secret:" + digits.substr(1),
                           "marvel-vpn-identity-secret:" + digits + "7"}) {
    CHECK_FALSE(parse_key(text, KeyKind::kIdentity, "it"));
  }
}

TEST_CASE("an identity that was never written is made anew, and a damaged one stays") {
  const test::TempDir folder;
  SeededRandom random(4);
  const auto path = folder / "identity.key";
  REQUIRE(write_file_atomically(path, ""));
  const auto made = load_or_make_identity(folder.path(), random);
  REQUIRE(made);
  CHECK(made->was_empty);
  const auto again = load_or_make_identity(folder.path(), random);
  REQUIRE(again);
  CHECK_FALSE(again->was_empty);
  CHECK(again->secret.bytes == made->secret.bytes);
  REQUIRE(write_file_atomically(path, "marvel-vpn-identity-secret:12\n"));
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK_FALSE(load_or_make_identity(folder.path(), random));
  CHECK(read_file(path) == "marvel-vpn-identity-secret:12\n");
}

TEST_CASE("a key leaves no other file behind, whether or not it could be written") {
  const test::TempDir folder;
  const auto path = folder / "edge.key";
  REQUIRE(write_key_file(path, KeyKind::kIdentity, make_identity(1).secret));
  CHECK_FALSE(write_key_file(path, KeyKind::kIdentity, make_identity(2).secret));
  REQUIRE(std::filesystem::remove(path));
  REQUIRE(::symlink("nowhere", path.c_str()) == 0);  // a name that is taken, too
  const Status taken = write_key_file(path, KeyKind::kIdentity, make_identity(2).secret);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::kConflict);
  const auto all = std::filesystem::directory_iterator(folder.path());
  CHECK(std::distance(begin(all), end(all)) == 1);
}

}  // namespace marvel::vpn
