#include "vpn/wire/beacon.hpp"

#include "vpn/wire/reader.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr std::size_t kNonce = 24;

}  // namespace

Secret beacon_key(const Membership& membership) {
  const VerifyKey authority = membership.authority.value_or(VerifyKey{});
  return Secret(blake2b_256({bytes_of("marvel vpn beacon 1"), membership.community, authority},
                            membership.psk.bytes));
}

std::vector<std::uint8_t> seal_beacon(const Secret& key, Random& random, const Beacon& beacon) {
  const auto info = encode(beacon.info);
  Writer out;
  out.number(beacon.unix_seconds);
  out.number(static_cast<std::uint16_t>(info.size()));
  out.bytes(info);
  auto text = out.take();
  text.resize(kBeaconText);
  std::vector<std::uint8_t> sealed(kBeaconSize);
  Block<kNonce> nonce{};
  random.fill(nonce);
  std::copy(nonce.begin(), nonce.end(), sealed.begin());
  xchacha_seal(key.bytes, nonce, {}, text, sealed.data() + kNonce);
  return sealed;
}

std::optional<Beacon> open_beacon(const Secret& key, Bytes bytes) {
  if (bytes.size() != kBeaconSize) {
    return std::nullopt;
  }
  Block<kNonce> nonce{};
  std::copy_n(bytes.begin(), kNonce, nonce.begin());
  Block<kBeaconText> text{};
  if (!xchacha_open(key.bytes, nonce, {}, bytes.subspan(kNonce), text.data())) {
    return std::nullopt;
  }
  return parse_beacon_text(text);
}

std::optional<Beacon> parse_beacon_text(Bytes text) {
  Reader in(text);
  Beacon beacon;
  beacon.unix_seconds = in.number<std::uint64_t>();
  const auto info = decode(in.take(in.number<std::uint16_t>()));
  const Bytes rest = text.subspan(std::min(text.size(), in.read()));
  const bool zeros =
      std::all_of(rest.begin(), rest.end(), [](std::uint8_t one) { return one == 0; });
  if (!in.ok() || !zeros || !info || !std::holds_alternative<PeerInfo>(*info)) {
    return std::nullopt;
  }
  beacon.info = std::get<PeerInfo>(*info);
  return beacon;
}

}  // namespace marvel::vpn
