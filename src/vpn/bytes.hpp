#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace marvel::vpn {

// Bytes of packets and keys, and whole numbers among them. Offsets are checked by the caller;
// wire/reader.hpp is the checked way through bytes from outside.

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
template <std::size_t N>
using Block = std::array<std::uint8_t, N>;

static_assert(std::endian::native == std::endian::little, "loads and stores below assume it");

// Little endian, the order of the native protocol.
template <class Number>
Number load_le(const std::uint8_t* from) {
  Number value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class Number>
void store_le(std::uint8_t* to, Number value) {
  std::memcpy(to, &value, sizeof value);
}

// Big endian, the order of Ethernet, IP and TCP.
inline std::uint16_t load_be16(const std::uint8_t* from) {
  return static_cast<std::uint16_t>(from[0] << 8U | from[1]);
}
inline std::uint32_t load_be32(const std::uint8_t* from) {
  return std::uint32_t{load_be16(from)} << 16U | load_be16(from + 2);
}
inline void store_be16(std::uint8_t* to, std::uint16_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8U);
  to[1] = static_cast<std::uint8_t>(value);
}
inline void store_be32(std::uint8_t* to, std::uint32_t value) {
  store_be16(to, static_cast<std::uint16_t>(value >> 16U));
  store_be16(to + 2, static_cast<std::uint16_t>(value));
}

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Small hexadecimal digits, two for each byte.
std::string hex(Bytes bytes);
// Fills `out` from exactly twice as many hexadecimal digits; false for anything else.
bool unhex(std::string_view text, MutableBytes out);

}  // namespace marvel::vpn
