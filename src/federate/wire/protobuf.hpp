#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::federate::wire {

// The encoding of Protocol Buffers (protobuf.dev/programming-guides/encoding), as much as Flower's
// messages need. A message is a sequence of fields, each a tag (number << 3 | type) and a value.
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

// One field. `number` holds varints and fixed numbers as they are; `bytes` the content of kLength.
struct Field {
  std::uint32_t id = 0;
  WireType type = WireType::kVarint;
  std::uint64_t number = 0;
  Bytes bytes;
};

// Reads the fields of one message in order. Nothing is copied; nested messages are read by another
// FieldReader over `Field::bytes`, so the depth is the caller's.
class FieldReader {
 public:
  // `message` must outlive the reader.
  explicit FieldReader(const Bytes& message) : message_(message) {}

  [[nodiscard]] bool done() const { return at_ == message_.size(); }
  // The next field. kInput when the message is cut short, a number is longer than 64 bits, or the
  // type is none of the four (groups are obsolete and refused).
  Result<Field> next();

 private:
  Result<std::uint64_t> varint();
  Result<std::uint64_t> fixed(std::size_t width);

  const Bytes& message_;
  std::size_t at_ = 0;
};

// Writes one message. Zeros and empty texts are left out only where the caller does so.
class FieldWriter {
 public:
  void varint(std::uint32_t id, std::uint64_t value);
  void fixed64(std::uint32_t id, std::uint64_t value);
  void fixed32(std::uint32_t id, std::uint32_t value);
  void text(std::uint32_t id, std::string_view value);
  // Nested content; large pieces are referred to, not copied.
  void message(std::uint32_t id, const Bytes& content);

  // What was written so far; the writer is empty afterwards.
  Bytes finish();

 private:
  void tag(std::uint32_t id, WireType type);
  void put_varint(std::uint64_t value);

  std::string small_;  // not yet in `bytes_`
  Bytes bytes_;
};

// sint64: small negative numbers stay small. 0, -1, 1, -2 become 0, 1, 2, 3.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^
         (value < 0 ? ~std::uint64_t{0} : std::uint64_t{0});
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

}  // namespace marvel::federate::wire
