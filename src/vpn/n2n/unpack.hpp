#pragma once

#include "vpn/bytes.hpp"

#include <vector>

namespace marvel::vpn::n2n {

inline constexpr std::uint8_t kNotPacked = 1;
inline constexpr std::uint8_t kLzo = 2;
inline constexpr std::uint8_t kZstd = 3;

// Turns frames that were packed with LZO1X or Zstandard back. One thread at a time.
class Unpacker {
 public:
  Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker();

  // The frame, until the next call; empty when it is damaged, would be larger than 2048 bytes, the
  // largest that n2n knows, or was packed in another way.
  Bytes unpack(std::uint8_t way, Bytes packed);

 private:
  Bytes unpack_zstd(Bytes packed);

  void* context_;
  std::vector<std::uint8_t> frame_;
};

}  // namespace marvel::vpn::n2n
