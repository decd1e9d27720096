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
// wire/reader.hpp is the checked way through bytes from outside. No function here allocates but
// those that return a string, and all may be called from any thread.
//
// Bytes and MutableBytes are views: they own nothing, and what they show must live as long as they
// are used. A Block owns its bytes: keys, tags, nonces and addresses are passed as one, by value,
// and compare as a whole.

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
template <std::size_t N>
using Block = std::array<std::uint8_t, N>;

static_assert(std::endian::native == std::endian::little, "loads and stores below assume it");

// Little endian, the order of the native protocol. `Number` is a whole number or an enumeration
// with a fixed size; sizeof(Number) bytes are there. Nothing need be aligned.
//   const auto index = load_le<std::uint32_t>(datagram.data() + 4);
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

// Big endian, the order of Ethernet, IP and TCP. Two or four bytes, which need not be aligned.
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

// The characters as bytes, without a closing zero; they live as long as the text does.
inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
// A copy. The bytes may be anything: whether they are fit to be shown is not looked at.
inline std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Small hexadecimal digits, two for each byte, the first byte first: {0x0a, 0xff} is "0aff".
std::string hex(Bytes bytes);
// Fills `out` from exactly twice as many hexadecimal digits, small or capital; false for anything
// else, and then `out` may have been written to in part.
bool unhex(std::string_view text, MutableBytes out);

}  // namespace marvel::vpn
