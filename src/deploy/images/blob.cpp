#include "deploy/images/blob.hpp"

#include "base/check.hpp"
#include "net/sha256.hpp"

#include <algorithm>
#include <array>
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
  std::vector<char> buffer(kPiece);
  for (;;) {
    if (stop.raised()) {
      return fail(Errc::kFailed, "stopped");
    }
    MARVEL_TRY(const auto count, reader.read(buffer.data(), buffer.size()));
    if (count == 0) {
      break;
    }
    digest.update({buffer.data(), count});
    digests.size += count;
  }
  digests.digest = "sha256:" + digest.hex();
  MARVEL_TRY(digests.source_digest, reader.source_digest());
  return digests;
}

}  // namespace marvel::deploy::images
