#include "deploy/images/blob.hpp"

#include "base/check.hpp"
#include "net/sha256.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <vector>
#include <zlib.h>

namespace marvel::deploy::images {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

// gzip with nothing in its header that could differ: no name, no time.
class Packer {
 public:
  Packer() {
    constexpr int kGzip = 15 + 16;
    MARVEL_CHECK(::deflateInit2(&stream_, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                 "zlib does not start");
  }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  ~Packer() { ::deflateEnd(&stream_); }

  [[nodiscard]] bool wants_input() const { return stream_.avail_in == 0; }

  void give(char* bytes, std::size_t count) {
    stream_.next_in = reinterpret_cast<Bytef*>(bytes);
    stream_.avail_in = static_cast<uInt>(count);
  }

  std::size_t take(char* buffer, std::size_t room, bool last) {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(room);
    done_ = ::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_END;
    return room - stream_.avail_out;
  }

  [[nodiscard]] bool done() const { return done_; }

 private:
  z_stream stream_{};
  bool done_ = false;
};

// What gzip files unpack to. One may be several in a row, as gzip itself reads them.
class Unpacker {
 public:
  Unpacker() : room_(kPiece) {
    constexpr int kGzip = 15 + 16;
    MARVEL_CHECK(::inflateInit2(&stream_, kGzip) == Z_OK, "zlib does not start");
  }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker() { ::inflateEnd(&stream_); }

  // Gives what the next bytes of the file unpack to to `digest`; false for what is no gzip.
  bool push(char* bytes, std::size_t count, net::Sha256& digest) {
    stream_.next_in = reinterpret_cast<Bytef*>(bytes);
    stream_.avail_in = static_cast<uInt>(count);
    do {
      if (done_ && stream_.avail_in > 0) {
        ::inflateReset(&stream_);
      }
      stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
      stream_.avail_out = static_cast<uInt>(room_.size());
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return false;
      }
      digest.update({room_.data(), room_.size() - stream_.avail_out});
      done_ = code == Z_STREAM_END;
    } while (stream_.avail_in > 0 || (stream_.avail_out == 0 && !done_));
    return true;
  }

  // Whether the bytes so far are whole.
  [[nodiscard]] bool done() const { return done_; }

 private:
  z_stream stream_{};
  std::vector<char> room_;
  bool done_ = false;
};

using Take = std::function<Status(char* bytes, std::size_t count)>;

Status read_to_end(BlobReader& reader, const StopFlag& stop, const Take& take) {
  std::vector<char> buffer(kPiece);
  for (;;) {
    if (stop.raised()) {
      return fail(Errc::kFailed, "stopped");
    }
    MARVEL_TRY(const auto count, reader.read(buffer.data(), buffer.size()));
    if (count == 0) {
      return {};
    }
    MARVEL_TRY_STATUS(take(buffer.data(), count));
  }
}

}  // namespace

class BlobReader::State {
 public:
  explicit State(const Blob& blob)
      : source_(blob.source), left_(blob.range), digest_(net::Sha256::make()) {
    if (blob.packs) {
      packer_.emplace();
    }
  }

  Result<std::size_t> read(char* buffer, std::size_t room) {
    return packer_ ? read_packed(*packer_, buffer, room) : read_source(buffer, room);
  }

  Result<std::string> source_digest() {
    if (!digest_) {
      return fail(digest_.error());
    }
    return "sha256:" + digest_->hex();
  }

 private:
  Result<std::size_t> read_source(char* buffer, std::size_t room) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(room, left_.size));
    if (count > 0) {
      if (!digest_) {
        return fail(digest_.error());
      }
      MARVEL_TRY_STATUS(source_->read(left_.offset, buffer, count));
      digest_->update({buffer, count});
      left_.offset += count;
      left_.size -= count;
    }
    return count;
  }

  Result<std::size_t> read_packed(Packer& packer, char* buffer, std::size_t room) {
    room = std::min(room, kPiece);
    while (!packer.done()) {
      if (packer.wants_input() && left_.size > 0) {
        piece_.resize(kPiece);
        MARVEL_TRY(const auto count, read_source(piece_.data(), piece_.size()));
        packer.give(piece_.data(), count);
      }
      if (const auto made = packer.take(buffer, room, left_.size == 0); made > 0) {
        return made;
      }
    }
    return std::size_t{0};
  }

  std::shared_ptr<const Source> source_;
  TarFile left_;
  Result<net::Sha256> digest_;
  std::optional<Packer> packer_;
  std::vector<char> piece_;
};

BlobReader::BlobReader(const Blob& blob) : state_(std::make_unique<State>(blob)) {}
BlobReader::~BlobReader() = default;

Result<std::size_t> BlobReader::read(char* buffer, std::size_t room) {
  return state_->read(buffer, room);
}

Result<std::string> BlobReader::source_digest() {
  return state_->source_digest();
}

Result<BlobDigests> measure_blob(const Blob& blob, const StopFlag& stop) {
  MARVEL_TRY(net::Sha256 digest, net::Sha256::make());
  BlobReader reader(blob);
  BlobDigests digests;
  MARVEL_TRY_STATUS(read_to_end(reader, stop, [&](char* bytes, std::size_t count) -> Status {
    digest.update({bytes, count});
    digests.size += count;
    return {};
  }));
  digests.digest = "sha256:" + digest.hex();
  MARVEL_TRY(digests.diff_id, reader.source_digest());
  return digests;
}

Result<BlobDigests> measure_gzip(const Blob& blob, const StopFlag& stop) {
  MARVEL_TRY(net::Sha256 unpacked, net::Sha256::make());
  BlobReader reader(blob);
  Unpacker unpacker;
  BlobDigests digests{"", blob.range.size, ""};
  MARVEL_TRY_STATUS(read_to_end(reader, stop, [&](char* bytes, std::size_t count) -> Status {
    return unpacker.push(bytes, count, unpacked) ? Status()
                                                 : fail(Errc::kInput, "its gzip data is damaged");
  }));
  if (!unpacker.done()) {
    return fail(Errc::kInput, "its gzip data is cut off");
  }
  digests.diff_id = "sha256:" + unpacked.hex();
  MARVEL_TRY(digests.digest, reader.source_digest());
  return digests;
}

}  // namespace marvel::deploy::images
