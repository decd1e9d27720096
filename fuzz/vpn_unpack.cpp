// Packed frames of n2n: whatever the bytes are, a frame has at most the largest size, and what came
// before does not matter. The first byte chooses the way of packing.
#include "fuzz/check.hpp"
#include "vpn/n2n/message.hpp"
#include "vpn/n2n/unpack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::vpn;
  if (size == 0) {
    return 0;
  }
  static n2n::Unpacker used;
  n2n::Unpacker fresh;
  const Bytes packed(data + 1, size - 1);
  const Bytes frame = used.unpack(data[0], packed);
  const Bytes same = fresh.unpack(data[0], packed);
  FUZZ_LAW(frame.size() <= n2n::kMostDatagram);
  FUZZ_LAW(std::equal(frame.begin(), frame.end(), same.begin(), same.end()));
  return 0;
}
