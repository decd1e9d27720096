// Handshakes from strangers: payloads, and whole datagrams behind a right mac1, which is all that a
// stranger can make right.
#include "fuzz/check.hpp"
#include "vpn/channel/cookie.hpp"
#include "vpn/channel/handshake_message.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::vpn;
  const Bytes bytes(data, size);
  static const KeyPairX kMe = KeyPairX::from(Secret(Block<32>{7}));
  if (const auto first = decode_first(bytes)) {
    FUZZ_LAW(encode(*first) == std::vector<std::uint8_t>(data, data + size));
  }
  if (const auto second = decode_second(bytes)) {
    FUZZ_LAW(encode(*second) == std::vector<std::uint8_t>(data, data + size));
  }
  FUZZ_LAW(!open_cookie(bytes, kMe.point, Block<16>{}));
  FUZZ_LAW(!first_is_for(kMe.point, bytes) && !second_is_for(kMe.point, bytes));
  const auto datagram = frame_first(1, bytes, kMe.point, std::nullopt);
  if (first_is_for(kMe.point, datagram)) {
    FUZZ_LAW(!read_first(kMe, datagram));
  }
  return 0;
}
