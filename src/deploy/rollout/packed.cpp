#include "deploy/rollout/packed.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <array>
#include <zlib.h>

namespace marvel::rollout {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window, and gzip's frame around it

// zlib reads through a pointer that is not const; it does not write there.
Bytef* readable(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  MARVEL_CHECK(::deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK,
               "zlib has no memory");
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = readable(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int end = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  MARVEL_CHECK(end == Z_STREAM_END, "zlib's bound was too small");
  return packed;
}

Result<std::string> gunzip(std::string_view packed, std::size_t most) {
  z_stream stream{};
  MARVEL_CHECK(::inflateInit2(&stream, kGzip) == Z_OK, "zlib has no memory");
  stream.next_in = readable(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::array<char, 16384> piece{};
  int state = Z_OK;
  while (state == Z_OK && text.size() <= most) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (text.size() > most) {
    return fail(Errc::kInput, "unpacks to more than " + std::to_string(most) + " bytes");
  }
  if (state != Z_STREAM_END) {
    return fail(Errc::kInput, "is no whole gzip file");
  }
  return text;
}

}  // namespace marvel::rollout
