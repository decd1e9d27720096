#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace marvel::regex {

enum class Packing : std::uint8_t { kNone, kGzip, kZstd, kXz };

// What a file that begins so is packed with, by its magic number: RFC 1952, RFC 8878, and the .xz
// format's section 2.1.1.1. Six bytes are enough.
Packing packing_of(std::string_view begin);

// Unpacks a stream piece by piece. Several packed streams one after the other are one text, as for
// zcat.
class Unpacker {
 public:
  // `packing` is not kNone.
  static std::unique_ptr<Unpacker> make(Packing packing);

  Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  virtual ~Unpacker() = default;

  // Takes bytes from the front of `in` and writes up to `room` bytes to `to`. Returns how many; 0
  // when more input is needed or, if `is_last` says that there is none, at the end. kInput when the
  // stream is damaged, cut off, or wants more than 128 MiB of memory.
  virtual Result<std::size_t> unpack(std::string_view& in, bool is_last, char* to,
                                     std::size_t room) = 0;
};

}  // namespace marvel::regex
