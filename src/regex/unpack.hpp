#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace marvel::regex {

enum class Packing : std::uint8_t { kNone, kGzip, kZstd, kXz };

// What a file that begins so is packed with, by its magic number: RFC 1952, RFC 8878, and the .xz
// format's section 2.1.1.1. Six bytes are enough; kNone for others, and when there are too few.
Packing packing_of(std::string_view begin);

// Unpacks a stream piece by piece. Several packed streams one after the other are one text, as for
// zcat. Behind gzip data, what is no gzip data is left out, as gzip does. What is unpacked may be
// as long as it likes, since no more of it is held than the caller has room for. One thread at a
// time.
class Unpacker {
 public:
  // `packing` is not kNone, for which there is none: null.
  static std::unique_ptr<Unpacker> make(Packing packing);

  Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  virtual ~Unpacker() = default;

  // Takes bytes from the front of `in` and writes up to `room` bytes to `to`. Returns how many; 0
  // when more input is needed or, if `is_last` says that there is none, at the end. What it leaves
  // in `in` it wants to see again, with more behind it. kInput when the stream is damaged, cut off,
  // or wants more than 128 MiB of memory; kUnavailable when there is no memory to start with.
  virtual Result<std::size_t> unpack(std::string_view& in, bool is_last, char* to,
                                     std::size_t room) = 0;
};

}  // namespace marvel::regex
