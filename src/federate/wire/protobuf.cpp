#include "federate/wire/protobuf.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace marvel::federate::wire {
namespace {

tl::unexpected<Error> cut_short() {
  return fail(Errc::kInput, "the message is cut short or damaged");
}

}  // namespace

Result<std::uint64_t> FieldReader::varint() {
  std::array<char, 10> window{};
  const std::size_t there = std::min(window.size(), message_.size() - at_);
  message_.copy(at_, there, window.data());
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < there; ++i) {
    const auto byte = static_cast<unsigned char>(window[i]);
    if (i == 9 && byte > 1) {
      return cut_short();
    }
    value |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte < 0x80) {
      at_ += i + 1;
      return value;
    }
  }
  return cut_short();
}

Result<std::uint64_t> FieldReader::fixed(std::size_t width) {
  if (message_.size() - at_ < width) {
    return cut_short();
  }
  std::array<char, 8> window{};
  message_.copy(at_, width, window.data());
  at_ += width;
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(window[i]);
  }
  return value;
}

Result<Field> FieldReader::next() {
  MARVEL_TRY(const std::uint64_t tag, varint());
  Field field;
  if (tag >> 3U == 0 || tag >> 3U > 0x1fffffffU) {
    return cut_short();
  }
  field.id = static_cast<std::uint32_t>(tag >> 3U);
  field.type = static_cast<WireType>(tag & 7U);
  switch (field.type) {
    case WireType::kVarint: {
      MARVEL_TRY(field.number, varint());
      return field;
    }
    case WireType::kFixed64: {
      MARVEL_TRY(field.number, fixed(8));
      return field;
    }
    case WireType::kFixed32: {
      MARVEL_TRY(field.number, fixed(4));
      return field;
    }
    case WireType::kLength: {
      MARVEL_TRY(const std::uint64_t length, varint());
      if (length > message_.size() - at_) {
        return cut_short();
      }
      field.bytes = message_.sub(at_, length);
      at_ += length;
      return field;
    }
  }
  return cut_short();
}

void FieldWriter::put_varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) {
    small_ += static_cast<char>(value | 0x80U);
  }
  small_ += static_cast<char>(value);
}

void FieldWriter::tag(std::uint32_t id, WireType type) {
  put_varint(std::uint64_t{id} << 3U | static_cast<std::uint64_t>(type));
}

void FieldWriter::varint(std::uint32_t id, std::uint64_t value) {
  tag(id, WireType::kVarint);
  put_varint(value);
}

void FieldWriter::fixed64(std::uint32_t id, std::uint64_t value) {
  tag(id, WireType::kFixed64);
  for (unsigned i = 0; i < 8; ++i) {
    small_ += static_cast<char>(value >> (8 * i) & 0xffU);
  }
}

void FieldWriter::fixed32(std::uint32_t id, std::uint32_t value) {
  tag(id, WireType::kFixed32);
  for (unsigned i = 0; i < 4; ++i) {
    small_ += static_cast<char>(value >> (8 * i) & 0xffU);
  }
}

void FieldWriter::text(std::uint32_t id, std::string_view value) {
  tag(id, WireType::kLength);
  put_varint(value.size());
  small_ += value;
}

void FieldWriter::message(std::uint32_t id, const Bytes& content) {
  constexpr std::size_t kCopied = 512;  // a piece of its own costs more than copying so little
  tag(id, WireType::kLength);
  put_varint(content.size());
  for (const auto& piece : content.pieces()) {
    if (piece.text.size() <= kCopied) {
      small_ += piece.text;
      continue;
    }
    bytes_.append(Bytes::from(std::exchange(small_, {})));
    bytes_.append(piece);
  }
}

Bytes FieldWriter::finish() {
  bytes_.append(Bytes::from(std::exchange(small_, {})));
  return std::exchange(bytes_, {});
}

}  // namespace marvel::federate::wire
