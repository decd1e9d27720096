#include "regex/utf8.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace marvel::regex {
namespace {

using Sequence = std::vector<ByteSet>;
using Bytes = std::array<int, 4>;

constexpr char32_t kFirstSurrogate = 0xD800;
constexpr char32_t kLastSurrogate = 0xDFFF;

struct Length {
  char32_t last;  // code point of this length
  std::size_t bytes;
};
constexpr std::array<Length, 4> kLengths{{{0x7F, 1}, {0x7FF, 2}, {0xFFFF, 3}, {kLastCodePoint, 4}}};

Bytes encode(char32_t code, std::size_t length) {
  constexpr std::array<int, 5> kLead{0, 0, 0xC0, 0xE0, 0xF0};
  Bytes bytes{};
  for (std::size_t i = length; i-- > 1;) {
    bytes[i] = 0x80 | static_cast<int>(code & 0x3F);
    code >>= 6U;
  }
  bytes[0] = kLead[length] | static_cast<int>(code);
  return bytes;
}

// The range [first, last] of encodings of one length. Where the last bytes do not run over all of
// their values, the range is cut so that they do or all bytes before them are equal.
void add_range(char32_t first, char32_t last, std::size_t length, std::vector<Sequence>& out) {
  for (std::size_t i = 1; i < length; ++i) {
    const char32_t low = (char32_t{1} << (6 * i)) - 1;
    if ((first & ~low) == (last & ~low)) {
      continue;
    }
    if ((first & low) != 0) {
      add_range(first, first | low, length, out);
      add_range((first | low) + 1, last, length, out);
      return;
    }
    if ((last & low) != low) {
      add_range(first, (last & ~low) - 1, length, out);
      add_range(last & ~low, last, length, out);
      return;
    }
  }
  const Bytes from = encode(first, length);
  const Bytes to = encode(last, length);
  Sequence sequence;
  for (std::size_t i = 0; i < length; ++i) {
    sequence.push_back(ByteSet::range(from[i], to[i]));
  }
  out.push_back(std::move(sequence));
}

// Merges sequences that are equal but for `place`.
std::vector<Sequence> merged_at(std::vector<Sequence> sequences, std::size_t place) {
  std::map<Sequence, ByteSet> merged;
  std::vector<Sequence> result;
  for (Sequence& sequence : sequences) {
    if (place >= sequence.size()) {
      result.push_back(std::move(sequence));
      continue;
    }
    const ByteSet here = std::exchange(sequence[place], ByteSet());
    merged[std::move(sequence)] |= here;
  }
  for (const auto& [rest, here] : merged) {
    result.push_back(rest);
    result.back()[place] = here;
  }
  return result;
}

}  // namespace

std::optional<Decoded> decode_utf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const int lead = byte(0);
  if (lead < 0x80) {
    return Decoded{static_cast<char32_t>(lead), 1};
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  auto code = static_cast<char32_t>(lead & (0xFF >> (length + 1)));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return std::nullopt;
    }
    code = code << 6U | static_cast<char32_t>(byte(i) & 0x3F);
  }
  const bool shortest = code > kLengths[length - 2].last;
  const bool surrogate = code >= kFirstSurrogate && code <= kLastSurrogate;
  if (lead < 0xC2 || lead > 0xF4 || !shortest || surrogate || code > kLastCodePoint) {
    return std::nullopt;
  }
  return Decoded{code, length};
}

std::vector<std::vector<ByteSet>> utf8_sequences(const CodeSet& set) {
  std::vector<Sequence> sequences;
  for (const CodeSet::Range& range : set.ranges()) {
    char32_t begin = 0;
    for (const Length& length : kLengths) {
      const char32_t first = std::max(range.first, begin);
      const char32_t last = std::min(range.last, length.last);
      if (first <= last) {
        add_range(first, last, length.bytes, sequences);
      }
      begin = length.last + 1;
    }
  }
  for (const std::size_t place : {3U, 2U, 1U, 0U}) {
    sequences = merged_at(std::move(sequences), place);
  }
  return sequences;
}

}  // namespace marvel::regex
