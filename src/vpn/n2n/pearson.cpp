#include "vpn/n2n/pearson.hpp"

namespace marvel::vpn::n2n {
namespace {

std::uint64_t scramble(std::uint64_t value) {
  value ^= value >> 30U;
  value *= 0xbf58476d1ce4e5b9U;
  value ^= value >> 27U;
  value *= 0x94d049bb133111ebU;
  return value ^ value >> 31U;
}

template <std::size_t kLanes>
class Hash {
 public:
  void add(std::uint64_t value) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes_[lane] = scramble((lanes_[lane] ^ value) - (lane + 1));
    }
  }
  void invert() {
    for (std::uint64_t& lane : lanes_) {
      lane = ~lane;
    }
  }
  [[nodiscard]] const std::array<std::uint64_t, kLanes>& lanes() const { return lanes_; }

 private:
  std::array<std::uint64_t, kLanes> lanes_{};
};

template <std::size_t kLanes>
std::array<std::uint64_t, kLanes> lanes_of(Bytes bytes) {
  Hash<kLanes> hash;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    hash.add(load_le<std::uint64_t>(bytes.data() + at));
  }
  hash.invert();
  for (; at < bytes.size(); ++at) {
    hash.add(bytes[at]);
  }
  hash.invert();
  hash.add(bytes.size());
  return hash.lanes();
}

template <std::size_t kLanes>
Block<8 * kLanes> digest(Bytes bytes) {
  const auto lanes = lanes_of<kLanes>(bytes);
  Block<8 * kLanes> out{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    store_le(out.data() + 8 * (kLanes - 1 - lane), __builtin_bswap64(lanes[lane]));
  }
  return out;
}

}  // namespace

std::uint64_t pearson_64(Bytes bytes) {
  return lanes_of<1>(bytes)[0];
}

Block<16> pearson_128(Bytes bytes) {
  return digest<2>(bytes);
}

Block<32> pearson_256(Bytes bytes) {
  return digest<4>(bytes);
}

}  // namespace marvel::vpn::n2n
