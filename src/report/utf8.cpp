#include "report/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace marvel::report {
namespace {

constexpr char32_t kReplacement = 0xfffd;

struct Range {
  char32_t first;
  char32_t last;  // included
};

// Blocks of combining marks and other characters without a width of their own.
constexpr std::array<Range, 13> kNoWidth{{{0x0300, 0x036f},
                                          {0x0483, 0x0489},
                                          {0x0591, 0x05bd},
                                          {0x064b, 0x065f},
                                          {0x1ab0, 0x1aff},
                                          {0x1dc0, 0x1dff},
                                          {0x200b, 0x200f},
                                          {0x2060, 0x2064},
                                          {0x20d0, 0x20ff},
                                          {0xfe00, 0xfe0f},
                                          {0xfe20, 0xfe2f},
                                          {0xfeff, 0xfeff},
                                          {0xe0100, 0xe01ef}}};

// Unicode's East Asian Width "W" and "F", joined to blocks.
constexpr std::array<Range, 12> kWide{{{0x1100, 0x115f},
                                       {0x231a, 0x231b},
                                       {0x2e80, 0x303e},
                                       {0x3041, 0xa4cf},
                                       {0xa960, 0xa97c},
                                       {0xac00, 0xd7a3},
                                       {0xf900, 0xfaff},
                                       {0xfe30, 0xfe6f},
                                       {0xff00, 0xff60},
                                       {0xffe0, 0xffe6},
                                       {0x1f300, 0x1faff},
                                       {0x20000, 0x3fffd}}};

// Marks that change the direction in which the rest of a line reads.
constexpr std::array<Range, 3> kDirection{{{0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}}};

template <std::size_t Size>
bool in(const std::array<Range, Size>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

// What the first byte of a sequence promises.
struct Lead {
  std::size_t length;  // 0: not a first byte
  char32_t bits;
  char32_t smallest;  // code points below it have a shorter form, so this one is a forgery
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) {
    return {1, byte, 0};
  }
  if ((byte & 0xe0U) == 0xc0U) {
    return {2, byte & 0x1fU, 0x80};
  }
  if ((byte & 0xf0U) == 0xe0U) {
    return {3, byte & 0x0fU, 0x800};
  }
  if ((byte & 0xf8U) == 0xf0U) {
    return {4, byte & 0x07U, 0x10000};
  }
  return {0, 0, 0};
}

bool is_scalar(char32_t c) {
  return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

void append(char32_t c, std::string* text) {
  const auto put = [text](std::uint32_t byte) { *text += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0U | (c >> 6U));
    put(0x80U | (c & 0x3fU));
  } else if (c < 0x10000) {
    put(0xe0U | (c >> 12U));
    put(0x80U | ((c >> 6U) & 0x3fU));
    put(0x80U | (c & 0x3fU));
  } else {
    put(0xf0U | (c >> 18U));
    put(0x80U | ((c >> 12U) & 0x3fU));
    put(0x80U | ((c >> 6U) & 0x3fU));
    put(0x80U | (c & 0x3fU));
  }
}

void append_printable(char32_t c, std::string* text) {
  if (c == '\n') {
    *text += "\\n";
  } else if (c == '\t') {
    *text += ' ';
  } else if (is_control(c)) {
    *text += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(c));
  } else if (in(kDirection, c)) {
    *text += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
  } else {
    append(c, text);
  }
}

// The part of `text` that begins at column `from`.
std::string_view after_columns(std::string_view text, std::size_t from) {
  text.remove_prefix(clip(text, from).size());
  return text;
}

}  // namespace

char32_t take_code_point(std::string_view* text) {
  const Lead lead = lead_of(static_cast<unsigned char>(text->front()));
  char32_t c = lead.bits;
  std::size_t taken = 1;
  while (taken < lead.length && taken < text->size() &&
         (static_cast<unsigned char>((*text)[taken]) & 0xc0U) == 0x80U) {
    c = (c << 6U) | (static_cast<unsigned char>((*text)[taken]) & 0x3fU);
    ++taken;
  }
  const bool valid = lead.length > 0 && taken == lead.length && c >= lead.smallest && is_scalar(c);
  text->remove_prefix(valid ? taken : 1);
  return valid ? c : kReplacement;
}

int columns_of(char32_t code_point) {
  if (is_control(code_point) || in(kNoWidth, code_point)) {
    return 0;
  }
  return in(kWide, code_point) ? 2 : 1;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    width += static_cast<std::size_t>(columns_of(take_code_point(&text)));
  }
  return width;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    append(take_code_point(&text), &valid);
  }
  return valid;
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    append_printable(take_code_point(&text), &result);
  }
  return result;
}

std::string_view clip(std::string_view text, std::size_t width) {
  std::string_view rest = text;
  std::string_view kept = rest;
  for (std::size_t used = 0; !rest.empty(); kept = rest) {
    used += static_cast<std::size_t>(columns_of(take_code_point(&rest)));
    if (used > width) {
      break;
    }
  }
  // A loop that ran to the end leaves `kept` empty: everything fits.
  return text.substr(0, text.size() - kept.size());
}

std::string elide(std::string_view text, std::size_t width) {
  constexpr std::string_view kDots = "...";
  const std::string whole = valid_utf8(text);
  const std::size_t columns = display_width(whole);
  if (columns <= width) {
    return whole;
  }
  if (width <= kDots.size()) {
    return std::string(kDots.substr(0, width));
  }
  const std::size_t room = width - kDots.size();
  const std::size_t tail = room / 2;
  std::string result(clip(whole, room - tail));
  result += kDots;
  // A wide character astride the cut makes the tail a column too long: drop it then.
  auto rest = after_columns(whole, columns - tail);
  while (display_width(rest) > tail) {
    take_code_point(&rest);
  }
  return result += rest;
}

}  // namespace marvel::report
