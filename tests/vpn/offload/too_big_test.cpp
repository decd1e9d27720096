#include "vpn/offload/too_big.hpp"

#include "vpn/node/simulator.hpp"
#include "vpn/offload/packets.hpp"

namespace marvel::vpn {
namespace {

const TooBigFrom kFrom{{2, 0, 0, 0, 0, 7}, 0x0a080007, {0xfd, 1}};

}  // namespace

TEST_CASE("a packet of IPv4 that is too large is reported as a router would") {
  const auto frame = sim::text_frame({1}, {2, 9}, 0x0a080007, 0x0a080001, std::string(4000, 'x'));
  Block<kLargestTooBig> room{};
  const Bytes report = write_too_big(frame, kFrom, 2826, room);
  REQUIRE(report.size() == kEthernet + 20 + 8 + kQuotedByTooBig);
  CHECK(destination_of(report) == source_of(frame));
  CHECK(source_of(report) == kFrom.mac);
  CHECK(ipv4_source(report) == kFrom.ipv4);
  CHECK(ipv4_destination(report) == 0x0a080001);
  CHECK(checksum_fold(checksum_add(0, report.subspan(kEthernet, 20))) == 0xffff);
  const Bytes icmp = report.subspan(kEthernet + 20);
  CHECK(checksum_fold(checksum_add(0, icmp)) == 0xffff);
  CHECK((icmp[0] == 3 && icmp[1] == 4));
  CHECK(load_be16(icmp.data() + 6) == 2826);
  CHECK(std::equal(icmp.begin() + 8, icmp.end(), frame.begin() + kEthernet));
}

TEST_CASE("a packet of IPv6 that is too large is reported as a router would") {
  const auto frame = over_ipv6(udp_frame(4000));
  Block<kLargestTooBig> room{};
  const Bytes report = write_too_big(frame, kFrom, 1410, room);
  REQUIRE(report.size() == kLargestTooBig);
  CHECK(ipv6_source(report) == kFrom.ipv6);
  CHECK(ipv6_destination(report) == ipv6_source(frame));
  const Bytes icmp = report.subspan(kEthernet + kIpv6Header);
  const auto pseudo = checksum_add(icmp.size() + 58, report.subspan(kEthernet + 8, 32));
  CHECK(checksum_fold(checksum_add(pseudo, icmp)) == 0xffff);
  CHECK((icmp[0] == 2 && icmp[1] == 0));
  CHECK(load_be32(icmp.data() + 4) == 1410);
}

TEST_CASE("nothing is reported of what is no packet, or from an address that is not known") {
  Block<kLargestTooBig> room{};
  CHECK(write_too_big(std::vector<std::uint8_t>(kEthernet), kFrom, 1410, room).empty());
  const auto frame = sim::text_frame({1}, {2}, 1, 2, "x");
  CHECK(write_too_big(frame, {{}, 0, {}}, 1410, room).empty());
}

}  // namespace marvel::vpn
