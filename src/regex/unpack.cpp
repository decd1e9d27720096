#include "regex/unpack.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <zlib.h>

#include <lzma.h>
#include <zstd.h>

namespace marvel::regex {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kXzMagic("\xfd\x37\x7a\x58\x5a\x00", 6);

constexpr std::size_t kMostMemory = std::size_t{128} << 20;
constexpr int kGzipWindow = 15 + 16;  // the largest window, with gzip's header

tl::unexpected<Error> damaged(const char* kind, const std::string& why) {
  return fail(Errc::kInput, std::string("the ") + kind + " data are damaged: " + why);
}

tl::unexpected<Error> cut_off(const char* kind) {
  return fail(Errc::kInput, std::string("the ") + kind + " data are cut off");
}

class Gzip : public Unpacker {
 public:
  Gzip() { ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK; }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<std::size_t> unpack(std::string_view& in, bool is_last, char* to,
                             std::size_t room) override {
    if (!ready_) {
      return fail(Errc::kUnavailable, "no memory to unpack gzip data");
    }
    while (true) {
      if (ended_ && !begin_next(in, is_last)) {
        return std::size_t{0};
      }
      const std::size_t before = in.size();
      std::size_t made = 0;
      const int code = step(in, to, room, made);
      ended_ = code == Z_STREAM_END;
      if (code != Z_OK && code != Z_BUF_ERROR && !ended_) {
        return damaged("gzip", stream_.msg != nullptr ? stream_.msg : "no valid stream");
      }
      if (made > 0) {
        return made;
      }
      if (!ended_ && in.size() == before) {
        return is_last && in.empty() ? Result<std::size_t>(cut_off("gzip")) : std::size_t{0};
      }
    }
  }

 private:
  // Another member may follow. What is no member is left out, as gzip does.
  bool begin_next(std::string_view& in, bool is_last) {
    if (over_) {
      in.remove_prefix(in.size());
      return false;
    }
    if (in.size() < kGzipMagic.size() && !is_last) {
      return false;
    }
    if (in.substr(0, kGzipMagic.size()) != kGzipMagic) {
      in.remove_prefix(in.size());
      over_ = true;
      return false;
    }
    inflateReset(&stream_);
    ended_ = false;
    return true;
  }

  int step(std::string_view& in, char* to, std::size_t room, std::size_t& made) {
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    stream_.next_in =                                            // zlib only reads
        reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // NOLINT(*-const-cast)
    stream_.avail_in = static_cast<uInt>(std::min(in.size(), kMost));
    stream_.next_out = reinterpret_cast<Bytef*>(to);
    stream_.avail_out = static_cast<uInt>(std::min(room, kMost));
    const std::size_t offered = stream_.avail_in;
    const std::size_t space = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(offered - stream_.avail_in);
    made = space - stream_.avail_out;
    return code;
  }

  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;  // between two members
  bool over_ = false;   // what came behind a member is none
};

class Zstd : public Unpacker {
 public:
  Zstd() : stream_(ZSTD_createDStream()) {}
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  Result<std::size_t> unpack(std::string_view& in, bool is_last, char* to,
                             std::size_t room) override {
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    ZSTD_outBuffer target{to, room, 0};
    while (target.pos == 0) {
      const std::size_t before = source.pos;
      const std::size_t left = ZSTD_decompressStream(stream_, &target, &source);
      if (ZSTD_isError(left) != 0) {
        return damaged("zstd", ZSTD_getErrorName(left));
      }
      if (target.pos == 0 && source.pos == before) {
        break;  // and what it wants next says nothing about where it is
      }
      inside_ = left != 0;
    }
    in.remove_prefix(source.pos);
    if (target.pos == 0 && in.empty() && is_last && inside_) {
      return cut_off("zstd");
    }
    return target.pos;
  }

 private:
  ZSTD_DStream* stream_;
  bool inside_ = false;  // a frame
};

class Xz : public Unpacker {
 public:
  Xz() { ready_ = lzma_stream_decoder(&stream_, kMostMemory, LZMA_CONCATENATED) == LZMA_OK; }
  ~Xz() override { lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

  Result<std::size_t> unpack(std::string_view& in, bool is_last, char* to,
                             std::size_t room) override {
    if (!ready_) {
      return fail(Errc::kUnavailable, "no memory to unpack xz data");
    }
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(to);
    stream_.avail_out = room;
    const lzma_ret code = lzma_code(&stream_, is_last ? LZMA_FINISH : LZMA_RUN);
    in.remove_prefix(in.size() - stream_.avail_in);
    const std::size_t made = room - stream_.avail_out;
    switch (code) {
      case LZMA_OK:
      case LZMA_STREAM_END:
        return made;
      case LZMA_BUF_ERROR:
        return made > 0 || !is_last ? Result<std::size_t>(made) : cut_off("xz");
      case LZMA_MEMLIMIT_ERROR:
        return damaged("xz", "they want more than 128 MiB of memory");
      default:
        return damaged("xz", "code " + std::to_string(code) + " of liblzma");
    }
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

}  // namespace

Packing packing_of(std::string_view begin) {
  const auto has = [begin](std::string_view magic) {
    return begin.substr(0, magic.size()) == magic;
  };
  return has(kGzipMagic)   ? Packing::kGzip
         : has(kZstdMagic) ? Packing::kZstd
         : has(kXzMagic)   ? Packing::kXz
                           : Packing::kNone;
}

std::unique_ptr<Unpacker> Unpacker::make(Packing packing) {
  switch (packing) {
    case Packing::kGzip:
      return std::make_unique<Gzip>();
    case Packing::kZstd:
      return std::make_unique<Zstd>();
    case Packing::kXz:
      return std::make_unique<Xz>();
    case Packing::kNone:
      break;
  }
  return nullptr;
}

}  // namespace marvel::regex
