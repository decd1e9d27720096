#include "data/idx.hpp"

#include <algorithm>
#include <cstring>
#include <zlib.h>

#include <fmt/format.h>

namespace marvel::data {
namespace {

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr int kMaxDimensions = 4;

// The file's bytes in order, inflated on the fly when they are gzip'd.
class ByteSource {
 public:
  explicit ByteSource(std::string_view bytes) : bytes_(bytes) {
    is_gzip_ = bytes.size() >= 2 && static_cast<std::uint8_t>(bytes[0]) == 0x1f &&
               static_cast<std::uint8_t>(bytes[1]) == 0x8b;
    if (is_gzip_) {
      constexpr int kGzipWindow = 15 + 16;
      damaged_ = inflateInit2(&stream_, kGzipWindow) != Z_OK;
      // zlib never writes through next_in; its type lacks the const.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), UINT32_MAX));
    }
  }
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ~ByteSource() {
    if (is_gzip_) {
      inflateEnd(&stream_);
    }
  }

  // Reads up to `size` bytes; fewer only at the end or at damage.
  std::size_t read(std::uint8_t* out, std::size_t size) {
    return is_gzip_ ? read_gzip(out, size) : read_plain(out, size);
  }
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  std::size_t read_plain(std::uint8_t* out, std::size_t size) {
    const std::size_t count = std::min(size, bytes_.size());
    if (count > 0) {
      std::memcpy(out, bytes_.data(), count);
    }
    bytes_.remove_prefix(count);
    return count;
  }

  std::size_t read_gzip(std::uint8_t* out, std::size_t size) {
    stream_.next_out = out;
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out > 0 && !ended_ && !damaged_) {
      const int code = inflate(&stream_, Z_NO_FLUSH);
      ended_ = code == Z_STREAM_END;
      damaged_ = code != Z_OK && code != Z_STREAM_END;
    }
    stream_.next_out = nullptr;  // the caller's memory is not ours to remember
    return size - stream_.avail_out;
  }

  std::string_view bytes_;
  z_stream stream_{};
  bool is_gzip_ = false;
  bool ended_ = false;
  bool damaged_ = false;
};

tl::unexpected<Error> bad(const std::string& name, std::string_view why) {
  return fail(Errc::kInput, fmt::format("'{}' is not a usable IDX file: {}", name, why));
}

tl::unexpected<Error> ends_early(const ByteSource& source, const std::string& name,
                                 std::size_t wanted, std::size_t got) {
  const auto cause = source.damaged() ? "its gzip stream is damaged" : "it is truncated";
  return bad(name, fmt::format("{} ({} of {} bytes after the header)", cause, got, wanted));
}

std::uint32_t big_endian(const std::uint8_t* p) {
  return (std::uint32_t{p[0]} << 24U) | (std::uint32_t{p[1]} << 16U) | (std::uint32_t{p[2]} << 8U) |
         p[3];
}

Result<std::vector<std::uint32_t>> read_shape(ByteSource& source, const std::string& name,
                                              int dimensions) {
  std::uint8_t magic[4] = {};
  if (source.read(magic, 4) != 4) {
    return bad(name, source.damaged() ? "its gzip stream is damaged" : "it has no header");
  }
  const bool fits =
      dimensions > 0 ? magic[3] == dimensions : magic[3] > 0 && magic[3] <= kMaxDimensions;
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != kUnsignedByte || !fits) {
    const auto wanted = dimensions > 0 ? fmt::format("{}", dimensions) : "N";
    return bad(name, fmt::format("wrong magic {:02x}{:02x}{:02x}{:02x}, expected 0000080{}",
                                 magic[0], magic[1], magic[2], magic[3], wanted));
  }
  std::vector<std::uint32_t> shape(magic[3]);
  for (auto& extent : shape) {
    std::uint8_t word[4] = {};
    if (source.read(word, 4) != 4) {
      return bad(name, "its header is truncated");
    }
    extent = big_endian(word);
  }
  return shape;
}

// The number of elements, or 0 when it is zero or beyond the bound.
std::uint64_t element_count(const std::vector<std::uint32_t>& shape) {
  std::uint64_t count = 1;
  for (const auto extent : shape) {
    count *= extent;
    if (count == 0 || count > kMaxIdxBytes) {
      return 0;
    }
  }
  return count;
}

}  // namespace

Result<IdxArray> parse_idx(std::string_view bytes, const std::string& name, int dimensions) {
  ByteSource source(bytes);
  IdxArray array;
  MARVEL_TRY(array.shape, read_shape(source, name, dimensions));
  const std::uint64_t wanted = element_count(array.shape);
  if (wanted == 0) {
    return bad(name, fmt::format("its header asks for no or for more than {} bytes", kMaxIdxBytes));
  }
  constexpr std::size_t kChunk = std::size_t{1} << 20U;
  while (array.values.size() < wanted) {
    const std::size_t start = array.values.size();
    const std::size_t ask = std::min<std::size_t>(kChunk, wanted - start);
    array.values.resize(start + ask);
    const std::size_t got = source.read(array.values.data() + start, ask);
    if (got < ask) {
      return ends_early(source, name, wanted, start + got);
    }
  }
  std::uint8_t extra = 0;
  if (source.read(&extra, 1) != 0) {
    return bad(name, fmt::format("bytes follow the {} that its header announces", wanted));
  }
  if (source.damaged()) {
    return bad(name, "its gzip checksum is wrong");
  }
  return array;
}

}  // namespace marvel::data
