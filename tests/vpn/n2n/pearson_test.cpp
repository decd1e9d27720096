#include "vpn/n2n/pearson.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn::n2n {
namespace {

// Values of n2n's own test of hashes, and of an independent implementation.
TEST_CASE("the hash of blocks is n2n's") {
  std::vector<std::uint8_t> counted(512);
  for (std::size_t at = 0; at < counted.size(); ++at) {
    counted[at] = static_cast<std::uint8_t>(at % 16);
  }
  CHECK(hex(pearson_256(counted)) ==
        "40095cca286bfb934c4af7c079a8045ab53dcfb3a7ed1856b2d98fa82ea108be");
  CHECK(pearson_32(counted) == 0x2ea108be);
  CHECK(hex(pearson_256(bytes_of("test"))) ==
        "3b12c35b0677aedfa665563b78e341c82313333bf07ce6bad46ccabaf658105a");
  CHECK(hex(pearson_256({})) == "6c3e53de84464c171530a8f4452503cfda26e52fa3730902b4d055fcf2cbbd7b");
  CHECK(hex(pearson_256(bytes_of("123456789"))) ==
        "3e1cb2c41cb4caecb3012f58e6fb353b2f9f283c14ea33b3b26e2e67422a71cf");
  CHECK(hex(pearson_256(bytes_of("SoMEVer!S$cUREPassWORD"))) ==
        "b3a0558b7ebb8ede80cc66230e43fb83e3b2bd6168e2c00e19af107710cfc2a9");
}

TEST_CASE("a shorter hash is the end of a longer one") {
  const Bytes text = bytes_of("k123");
  const auto longest = pearson_256(text);
  CHECK(hex(longest) == "7b23d4c65d693900ff938ab4f85e2a3b8bc075ab6ecb50eefd8ef3c683db68eb");
  CHECK(hex(pearson_128(text)) == hex(Bytes(longest).last(16)));
  CHECK(pearson_64(text) == 0xfd8ef3c683db68eb);
  CHECK(pearson_32(text) == 0x83db68eb);
}

}  // namespace
}  // namespace marvel::vpn::n2n
