// Certificates, lists of revocations and files of leases: any bytes are refused or have the form
// that the reader says, and no signature of ours stands under them.
#include "fuzz/check.hpp"
#include "vpn/identity/certificate.hpp"
#include "vpn/node/lease_table.hpp"
#include "vpn/wire/control.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace marvel::vpn;
  const Bytes bytes(data, size);
  static const VerifyKey kAuthority = ed25519_public(Secret(Block<32>{1}));
  if (const auto certificate = read_certificate(bytes)) {
    FUZZ_LAW(is_node_name(certificate->name) && certificate->addresses.size() <= 8);
    // Those of version 1 have no networks and groups; what we issue has their counts.
    const auto again = issue(*certificate, Secret(Block<32>{1})).size();
    FUZZ_LAW(again == size || (data[0] == 1 && again == size + 2));
  }
  FUZZ_LAW(!verify_certificate(bytes, kAuthority));
  FUZZ_LAW(!verify_revocations(bytes, kAuthority));
  const auto text = text_of(bytes);
  static_cast<void>(parse_certificate_text(text, "it"));
  static_cast<void>(parse_revocations_text(text, "it"));
  static_cast<void>(parse_authority_text(text, "it"));
  LeaseTable leases({0x0a080000, 24});
  if (leases.parse(text)) {
    const auto written = leases.text();
    LeaseTable again({0x0a080000, 24});
    FUZZ_LAW(again.parse(written) && again.text() == written);
  }
  return 0;
}
