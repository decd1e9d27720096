#pragma once

#include "vpn/bytes.hpp"

#include <vector>

namespace marvel::vpn::n2n {

inline constexpr std::uint8_t kNotPacked = 1;
inline constexpr std::uint8_t kZstd = 3;  // 2, LZO1x, is not there

// Turns frames that were packed with Zstandard back. One thread at a time.
class Unpacker {
 public:
  Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker();

  // The frame, until the next call; empty when it is damaged or would be larger than 2048 bytes,
  // the largest that n2n knows.
  Bytes unpack(Bytes packed);

 private:
  void* context_;
  std::vector<std::uint8_t> frame_;
};

}  // namespace marvel::vpn::n2n
