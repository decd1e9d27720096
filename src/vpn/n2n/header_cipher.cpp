// A sealed datagram, H bytes of whose header are encrypted:
//   0   16   IV block: check sum (high half plain, low half xor the stamp's high half), low half of
//            the stamp, salt; all encrypted as one block
//   16   4   0x6E320000 + H    \  encrypted in counter mode under the IV block,
//   20   4   bytes 0-3         /  as what follows up to H
// The community's name, bytes 4 to 23 of the clear form, is not sent.
#include "vpn/n2n/header_cipher.hpp"

#include "vpn/n2n/pearson.hpp"

#include <algorithm>

namespace marvel::vpn::n2n {
namespace {

constexpr std::uint32_t kMagic = 0x6e320000;
constexpr std::size_t kIv = 16;

}  // namespace

HeaderCipher::HeaderCipher(const Community& community)
    : HeaderCipher(community, Bytes(community)) {}

HeaderCipher::HeaderCipher(const Community& community, const Block<16>& key)
    : HeaderCipher(community, Bytes(key)) {}

HeaderCipher::HeaderCipher(const Community& community, Bytes key)
    : community_(community), header_(pearson_128(key)), iv_(pearson_128(pearson_128(key))) {}

void HeaderCipher::seal(MutableBytes datagram, std::size_t header, std::uint64_t stamp,
                        std::uint32_t salt) const {
  const std::uint64_t sum = pearson_64(datagram);
  Block<4> first{};
  std::copy_n(datagram.begin(), first.size(), first.begin());
  Block<kIv> iv{};
  store_be32(iv.data(), static_cast<std::uint32_t>(sum >> 32U));
  store_be32(iv.data() + 4, static_cast<std::uint32_t>(sum ^ stamp >> 32U));
  store_be32(iv.data() + 8, static_cast<std::uint32_t>(stamp));
  store_be32(iv.data() + 12, salt);
  iv = iv_.encrypt(iv);
  std::copy(iv.begin(), iv.end(), datagram.begin());
  store_be32(datagram.data() + kIv, kMagic + static_cast<std::uint32_t>(header));
  std::copy(first.begin(), first.end(), datagram.begin() + kIv + 4);
  header_.apply(iv, datagram.subspan(kIv, header - kIv));
}

std::optional<std::uint64_t> HeaderCipher::open(MutableBytes datagram) const {
  if (datagram.size() < kCommonSize) {
    return std::nullopt;
  }
  Block<kIv> iv{};
  std::copy_n(datagram.begin(), iv.size(), iv.begin());
  Block<8> start{};
  std::copy_n(datagram.begin() + kIv, start.size(), start.begin());
  header_.apply(iv, start);
  const std::uint32_t header = load_be32(start.data()) - kMagic;
  if (header < kCommonSize || header > datagram.size()) {
    return std::nullopt;
  }
  // What the name and the first bytes are written over; the rest is its own way back.
  Block<kCommonSize> start_of_sealed{};
  std::copy_n(datagram.begin(), start_of_sealed.size(), start_of_sealed.begin());
  header_.apply(iv, datagram.subspan(kIv, header - kIv));
  std::copy_n(datagram.begin() + kIv + 4, 4, datagram.begin());
  std::copy(community_.begin(), community_.end(), datagram.begin() + 4);
  const std::uint64_t sum = pearson_64(datagram);
  const Block<kIv> plain = iv_.decrypt(iv);
  if (load_be32(plain.data()) != static_cast<std::uint32_t>(sum >> 32U)) {
    header_.apply(iv, datagram.subspan(kIv, header - kIv));
    std::copy(start_of_sealed.begin(), start_of_sealed.end(), datagram.begin());
    return std::nullopt;
  }
  const std::uint64_t stamp =
      std::uint64_t{load_be32(plain.data() + 4)} << 32U | load_be32(plain.data() + 8);
  return stamp ^ sum << 32U;
}

}  // namespace marvel::vpn::n2n
