#pragma once

#include "base/result.hpp"
#include "federate/array/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::federate::wire {

// The encoding of Protocol Buffers (protobuf.dev/programming-guides/encoding), as much as Flower's
// messages need. A message is a sequence of fields, each a tag (number << 3 | type) and a value. By
// hand rather than generated: Flower's messages are few and stable, and nearly all of one is a
// model, which a generated class would copy (docs/design/008-federated.md).
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

// One field. `number` holds varints and fixed numbers as they are; `bytes` the content of kLength.
// What a number means is not in the message but in its definition: who knows it takes a double out
// of `number` with std::bit_cast, and an sint64 with unzigzag(). The upper half of a kFixed32 is 0.
struct Field {
  std::uint32_t id = 0;
  WireType type = WireType::kVarint;
  std::uint64_t number = 0;
  Bytes bytes;
};

// Reads the fields of one message in order. Nothing is copied; nested messages are read by another
// FieldReader over `Field::bytes`, so the depth is the caller's.
//
//   FieldReader reader(message);
//   while (!reader.done()) {
//     MARVEL_TRY(const Field field, reader.next());  // look at field.id and field.type
//   }
class FieldReader {
 public:
  // `message` must outlive the reader.
  explicit FieldReader(const Bytes& message) : message_(message) {}

  [[nodiscard]] bool done() const { return at_ == message_.size(); }
  // The next field. kInput when the message is cut short, a number is longer than 64 bits, or the
  // type is none of the four (groups are obsolete and refused). The type has to be compared with
  // what is wanted: a sender may give any number any type. `bytes` shares the message's memory.
  // After a failure the reader is of no more use.
  Result<Field> next();

 private:
  Result<std::uint64_t> varint();
  Result<std::uint64_t> fixed(std::size_t width);

  const Bytes& message_;
  std::size_t at_ = 0;
};

// Writes one message. Zeros and empty texts are left out only where the caller does so. Fields
// stand in the order of the calls. A nested message is finished by a writer of its own first:
//
//   FieldWriter status;  // Status { Code code = 1; string message = 2 }
//   status.varint(1, 4);
//   status.text(2, "no data");
//   out.message(1, status.finish());
class FieldWriter {
 public:
  // As it is; an sint64 goes through zigzag() before.
  void varint(std::uint32_t id, std::uint64_t value);
  void fixed64(std::uint32_t id, std::uint64_t value);
  void fixed32(std::uint32_t id, std::uint32_t value);
  // Text or bytes, which are the same on the wire. It is copied.
  void text(std::uint32_t id, std::string_view value);
  // Nested content; large pieces are referred to, not copied. Pieces of up to 512 bytes are copied,
  // because a piece of its own would cost more.
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
