// Beacons: any bytes behind a seal are one node's announcement or nothing; what was accepted is
// sealed and read again as it was. Bytes without the seal are nothing.
#include "fuzz/check.hpp"
#include "vpn/wire/beacon.hpp"

#include <cstddef>
#include <cstdint>

namespace {

class FixedRandom : public marvel::vpn::Random {
 public:
  void fill(marvel::vpn::MutableBytes out) override {
    for (auto& byte : out) {
      byte = 7;
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::vpn;
  const Secret key;
  FUZZ_LAW(!open_beacon(key, {data, size}) || size == kBeaconSize);
  const auto beacon = parse_beacon_text({data, size});
  if (beacon && size <= kBeaconText) {
    FixedRandom random;
    const auto again = open_beacon(key, seal_beacon(key, random, *beacon));
    FUZZ_LAW(again.has_value());
    FUZZ_LAW(encode(again->info) == encode(beacon->info));
    FUZZ_LAW(again->unix_seconds == beacon->unix_seconds);
  }
  return 0;
}
