#include "net/sha256.hpp"

#include <string>

#include <doctest/doctest.h>

namespace marvel::net {

// NIST's examples for FIPS 180-4.
TEST_CASE("the standard's examples come out") {
  CHECK(*sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(*sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("pieces give what the whole gives") {
  const std::string text(1'000'000, 'a');
  auto digest = *Sha256::make();
  for (std::size_t at = 0; at < text.size(); at += 997) {
    digest.update(std::string_view(text).substr(at, 997));
  }
  CHECK(digest.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace marvel::net
