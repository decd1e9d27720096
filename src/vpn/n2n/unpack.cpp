#include "vpn/n2n/unpack.hpp"

#include "vpn/n2n/lzo.hpp"
#include "vpn/n2n/message.hpp"

#include <zstd.h>

namespace marvel::vpn::n2n {

Unpacker::Unpacker() : context_(ZSTD_createDCtx()), frame_(kMostDatagram) {}

Unpacker::~Unpacker() {
  ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context_));
}

Bytes Unpacker::unpack(std::uint8_t way, Bytes packed) {
  if (way == kZstd) {
    return unpack_zstd(packed);
  }
  const auto size = way == kLzo ? unpack_lzo(packed, frame_) : std::nullopt;
  return Bytes(frame_).first(size.value_or(0));
}

Bytes Unpacker::unpack_zstd(Bytes packed) {
  auto* const context = static_cast<ZSTD_DCtx*>(context_);
  const std::size_t size =
      ZSTD_decompressDCtx(context, frame_.data(), frame_.size(), packed.data(), packed.size());
  return ZSTD_isError(size) != 0U ? Bytes() : Bytes(frame_).first(size);
}

}  // namespace marvel::vpn::n2n
