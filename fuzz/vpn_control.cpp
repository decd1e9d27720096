// Control messages: any bytes are one whole message or none; what was accepted is written as the
// same bytes again, within its limit.
#include "fuzz/check.hpp"
#include "vpn/constants.hpp"
#include "vpn/wire/control.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::vpn;
  const auto message = decode({data, size});
  if (message) {
    const auto bytes = encode(*message);
    const bool padded =
        std::holds_alternative<PathProbe>(*message) || std::holds_alternative<Train>(*message);
    FUZZ_LAW(bytes.size() <= kMaxControl || padded);
    FUZZ_LAW(std::equal(bytes.begin(), bytes.end(), data, data + size));
  }
  return 0;
}
