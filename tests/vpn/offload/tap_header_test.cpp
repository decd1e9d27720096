#include "vpn/offload/tap_header.hpp"

#include "vpn/support.hpp"

namespace marvel::vpn {

TEST_CASE("a header for a big TCP frame comes back as it was written") {
  Block<kTapHeader> header{};
  write_tap_header({34, 16}, 1300, 66, false, header.data());
  CHECK(hex(header) == "01014200140522001000");
  const auto info = read_tap_header(header, 5000);
  REQUIRE(info);
  CHECK(info->kind == FrameInfo::Kind::kTcp);
  CHECK(info->segment == 1300);
  CHECK(info->checksum.start == 34);
  CHECK(info->checksum.offset == 16);
}

TEST_CASE("a big frame over IPv6 is told as one") {
  Block<kTapHeader> header{};
  write_tap_header({54, 16}, 1300, 86, true, header.data());
  CHECK(hex(header) == "01045600140536001000");
  CHECK(read_tap_header(header, 5000)->kind == FrameInfo::Kind::kTcp);
}

TEST_CASE("a checksum outside of the frame is refused") {
  Block<kTapHeader> header{};
  write_tap_header({34, 16}, 0, 0, false, header.data());
  CHECK(read_tap_header(header, 52));
  CHECK_FALSE(read_tap_header(header, 51));
  header[6] = 13;
  CHECK_FALSE(read_tap_header(header, 100));
  CHECK_FALSE(read_tap_header(Bytes(header).first(9), 100));
}

TEST_CASE("kinds that are not cut are whole, and the congestion bit is no kind") {
  Block<kTapHeader> header{};
  const auto kind = [&](std::uint8_t type) {
    header[1] = type;
    return read_tap_header(header, 100)->kind;
  };
  CHECK(kind(0) == FrameInfo::Kind::kWhole);
  CHECK(kind(3) == FrameInfo::Kind::kWhole);
  CHECK(kind(4) == FrameInfo::Kind::kTcp);
  CHECK(kind(5) == FrameInfo::Kind::kUdp);
  CHECK(kind(0x81) == FrameInfo::Kind::kTcp);
}

}  // namespace marvel::vpn
