#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>
#include <zlib.h>

namespace marvel::test {

// The bytes of an IDX array with the given extents; element i is value(i).
template <class Value>
std::string idx_bytes(const std::vector<std::uint32_t>& shape, const Value& value) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(shape.size())};
  std::size_t count = 1;
  for (const auto extent : shape) {
    for (const int shift : {24, 16, 8, 0}) {
      bytes.push_back(static_cast<char>((extent >> shift) & 0xffU));
    }
    count *= extent;
  }
  for (std::size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(value(i)));
  }
  return bytes;
}

inline std::string gzip(const std::string& plain) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, plain.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace marvel::test
