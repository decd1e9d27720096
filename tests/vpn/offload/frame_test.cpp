#include "vpn/offload/frame.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("an ARP request is answered for the address it asks about") {
  const ArpRequest request{Mac{2, 0, 0, 0, 0, 1}, 0x0a080001, 0x0a080002};
  auto frame = arp_reply(request, Mac{2, 0, 0, 0, 0, 2});
  CHECK(hex(frame) ==
        "020000000001020000000002080600010800060400020200000000020a0800020200000000010a080001");
  CHECK_FALSE(read_arp_request(frame));
  frame[kEthernet + 7] = 1;
  const auto read = read_arp_request(frame);
  REQUIRE(read);
  CHECK(read->sender == 0x0a080002);
  CHECK(read->target == 0x0a080001);
  for (std::size_t size = 0; size < frame.size(); ++size) {
    CHECK_FALSE(read_arp_request(Bytes(frame).first(size)));
  }
}

TEST_CASE("the checksum of RFC 1071's example is right, and an odd byte counts") {
  const auto bytes = unhexed("0001f203f4f5f6f7");
  CHECK(checksum_fold(checksum_add(0, bytes)) == 0xddf2);
  CHECK(checksum_fold(checksum_add(0, unhexed("01"))) == 0x0100);
}

TEST_CASE("only a whole IPv4 header counts as one") {
  std::vector<std::uint8_t> frame(kEthernet + 20);
  store_be16(frame.data() + 12, kTypeIpv4);
  frame[kEthernet] = 0x45;
  CHECK(has_ipv4_header(frame));
  CHECK_FALSE(has_ipv4_header(Bytes(frame).first(frame.size() - 1)));
  frame[kEthernet] = 0x65;
  CHECK_FALSE(has_ipv4_header(frame));
}

}  // namespace marvel::vpn
