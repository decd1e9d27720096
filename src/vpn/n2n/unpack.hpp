#pragma once

#include "vpn/bytes.hpp"

#include <vector>

namespace marvel::vpn::n2n {

// How a frame was packed, by the number in the packet's head (PacketHead::compression). Edges of
// ours send frames as they are, and undo what others have packed.
inline constexpr std::uint8_t kNotPacked = 1;
inline constexpr std::uint8_t kLzo = 2;
inline constexpr std::uint8_t kZstd = 3;

// Turns frames that were packed with LZO1X or Zstandard back. One thread at a time.
//
// Frames are decrypted first, so with a wrong key this meets random bytes: whatever comes in, it
// takes no more memory than for one frame, and what is damaged does not harm the next one. It has
// room for 2048 bytes and the state of Zstandard, made once.
class Unpacker {
 public:
  Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker();

  // The frame, until the next call; empty when it is damaged, would be larger than 2048 bytes, the
  // largest that n2n knows, or was packed in another way. kNotPacked is another way, too: the
  // caller has that frame already.
  Bytes unpack(std::uint8_t way, Bytes packed);

 private:
  Bytes unpack_zstd(Bytes packed);

  void* context_;
  std::vector<std::uint8_t> frame_;
};

}  // namespace marvel::vpn::n2n
