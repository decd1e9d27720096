#include "regex/char_class.hpp"

#include "regex/unicode.hpp"
#include "regex/utf8.hpp"

#include <array>
#include <string>

namespace marvel::regex {
namespace {

tl::unexpected<SyntaxError> refuse(std::size_t offset, std::string reason) {
  return tl::unexpected<SyntaxError>(SyntaxError{offset, std::move(reason)});
}

constexpr ByteSet set_of(std::string_view bytes) {
  ByteSet set;
  for (const char c : bytes) {
    set.add(static_cast<unsigned char>(c));
  }
  return set;
}

constexpr ByteSet operator|(ByteSet a, const ByteSet& b) {
  a |= b;
  return a;
}

constexpr ByteSet kDigits = ByteSet::range('0', '9');
constexpr ByteSet kLower = ByteSet::range('a', 'z');
constexpr ByteSet kUpper = ByteSet::range('A', 'Z');
constexpr ByteSet kAlpha = kLower | kUpper;
constexpr ByteSet kAlnum = kAlpha | kDigits;
constexpr ByteSet kWord = kAlnum | set_of("_");
constexpr ByteSet kBlank = set_of(" \t");
constexpr ByteSet kSpace = kBlank | set_of("\n\f\r");  // \s: without VT, as in RE2

struct NamedClass {
  std::string_view name;
  ByteSet set;
};

constexpr std::array<NamedClass, 14> kNamedClasses{{
    {"alnum", kAlnum},
    {"alpha", kAlpha},
    {"ascii", ByteSet::range(0, 127)},
    {"blank", kBlank},
    {"cntrl", ByteSet::range(0, 31) | ByteSet::range(127, 127)},
    {"digit", kDigits},
    {"graph", ByteSet::range('!', '~')},
    {"lower", kLower},
    {"print", ByteSet::range(' ', '~')},
    {"punct", ByteSet::range('!', '/') | ByteSet::range(':', '@') | ByteSet::range('[', '`') |
                  ByteSet::range('{', '~')},
    {"space", kSpace | set_of("\v")},
    {"upper", kUpper},
    {"word", kWord},
    {"xdigit", kDigits | ByteSet::range('a', 'f') | ByteSet::range('A', 'F')},
}};

bool is_octal(int c) {
  return c >= '0' && c <= '7';
}

int hex_value(int c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const int lower = c | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

tl::unexpected<SyntaxError> invalid_escape(const Cursor& cursor, std::size_t begin) {
  return refuse(begin, "invalid escape sequence: " +
                           std::string(cursor.text.substr(begin, cursor.at - begin)));
}

// Behind "\x": two digits, or any number of them in braces.
Parsed<char32_t> parse_hex(Cursor& cursor, std::size_t begin, const Alphabet& alphabet) {
  const bool braces = cursor.peek() == '{';
  cursor.at += braces ? 1 : 0;
  char32_t value = 0;
  int digits = 0;
  while (hex_value(cursor.peek()) >= 0 && (braces || digits < 2)) {
    value = value * 16 + static_cast<char32_t>(hex_value(cursor.peek()));
    ++cursor.at;
    ++digits;
    if (value > alphabet.last()) {
      return invalid_escape(cursor, begin);
    }
  }
  const bool closed = !braces || cursor.peek() == '}';
  cursor.at += closed && braces ? 1 : 0;
  if (!closed || digits < (braces ? 1 : 2)) {
    return invalid_escape(cursor, begin);
  }
  return value;
}

// Up to three digits, the first of which was `first`.
Parsed<char32_t> parse_octal(Cursor& cursor, std::size_t begin, int first) {
  int value = first - '0';
  for (int more = 0; more < 2 && is_octal(cursor.peek()); ++more) {
    value = value * 8 + cursor.peek() - '0';
    ++cursor.at;
  }
  if (value > 255) {
    return invalid_escape(cursor, begin);
  }
  return static_cast<char32_t>(value);
}

// `set` as it counts: folded if case is ignored, and then turned around if it is negated.
CodeSet finish(CodeSet set, const Alphabet& alphabet, bool ignore_case, bool negated) {
  if (ignore_case) {
    set = alphabet.folded(set);
  }
  return negated ? set.complement(alphabet.last()) : set;
}

// "[:name:]" or "[:^name:]" at the cursor, or nothing when it only looks like one.
Parsed<std::optional<CodeSet>> parse_named(Cursor& cursor, const Alphabet& alphabet,
                                           bool ignore_case) {
  if (!cursor.starts_with("[:")) {
    return std::nullopt;
  }
  const auto end = cursor.text.find(":]", cursor.at + 2);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view name = cursor.text.substr(cursor.at + 2, end - cursor.at - 2);
  const bool negated = name.substr(0, 1) == "^";
  name.remove_prefix(negated ? 1 : 0);
  for (const auto& known : kNamedClasses) {
    if (known.name == name) {
      cursor.at = end + 2;
      return finish(CodeSet(known.set), alphabet, ignore_case, negated);
    }
  }
  return refuse(cursor.at, "invalid character class range: " +
                               std::string(cursor.text.substr(cursor.at, end + 2 - cursor.at)));
}

// "\pL", "\p{Lu}", "\p{^Greek}", and with "P" what is not in it.
Parsed<CodeSet> parse_property(Cursor& cursor, const Alphabet& alphabet, bool ignore_case) {
  const std::size_t begin = cursor.at;
  bool negated = cursor.peek(1) == 'P';
  cursor.at += 2;
  std::string_view name = cursor.rest().substr(0, 1);
  std::size_t end = cursor.at + name.size();
  if (name == "{") {
    const auto brace = cursor.text.find('}', cursor.at);
    if (brace == std::string_view::npos) {
      return refuse(begin,
                    "invalid character class range: " + std::string(cursor.text.substr(begin)));
    }
    end = brace + 1;
    name = cursor.text.substr(cursor.at + 1, end - cursor.at - 2);
  }
  if (name.substr(0, 1) == "^") {
    negated = !negated;
    name.remove_prefix(1);
  }
  const auto set = unicode_property(std::string(name));
  if (!set) {
    return refuse(begin, "invalid character class range: " +
                             std::string(cursor.text.substr(begin, end - begin)));
  }
  cursor.at = end;
  const CodeSet known = alphabet.unicode ? *set : CodeSet(set->bytes());
  return finish(known, alphabet, ignore_case, negated);
}

Parsed<char32_t> parse_member(Cursor& cursor, std::size_t begin, const Alphabet& alphabet) {
  if (cursor.done()) {
    return refuse(begin, "missing ]: " + std::string(cursor.text.substr(begin)));
  }
  return cursor.peek() == '\\' ? parse_escaped(cursor, alphabet) : parse_plain(cursor, alphabet);
}

// One character, or a range of them.
Parsed<CodeSet> parse_range(Cursor& cursor, std::size_t begin, const Alphabet& alphabet,
                            bool ignore_case) {
  const std::size_t start = cursor.at;
  auto low = parse_member(cursor, begin, alphabet);
  if (!low) {
    return tl::unexpected(low.error());
  }
  char32_t high = *low;
  if (cursor.peek() == '-' && cursor.peek(1) != -1 && cursor.peek(1) != ']') {
    ++cursor.at;
    auto last = parse_member(cursor, begin, alphabet);
    if (!last) {
      return tl::unexpected(last.error());
    }
    high = *last;
  }
  if (high < *low) {
    return refuse(start, "invalid character class range: " +
                             std::string(cursor.text.substr(start, cursor.at - start)));
  }
  return finish(CodeSet(*low, high), alphabet, ignore_case, false);
}

// One item between the brackets.
Parsed<CodeSet> parse_item(Cursor& cursor, std::size_t begin, const Alphabet& alphabet,
                           bool ignore_case) {
  auto named = parse_named(cursor, alphabet, ignore_case);
  if (named && !*named && cursor.peek() == '\\') {
    named = parse_escaped_class(cursor, alphabet, ignore_case);
  }
  if (!named) {
    return tl::unexpected(named.error());
  }
  if (const std::optional<CodeSet>& set = *named) {
    return *set;
  }
  return parse_range(cursor, begin, alphabet, ignore_case);
}

// Latin-1's letters, and among them ASCII's.
ByteSet fold_latin1(const ByteSet& set) {
  constexpr int kDistance = 'a' - 'A';
  ByteSet folded = set;
  const auto fold = [&](int first, int last) {
    for (int upper = first; upper <= last; ++upper) {
      if (set.contains(upper) || set.contains(upper + kDistance)) {
        folded.add(upper);
        folded.add(upper + kDistance);
      }
    }
  };
  fold('A', 'Z');
  fold(0xC0, 0xD6);  // 0xD7 and 0xF7 are the signs of multiplication and division
  fold(0xD8, 0xDE);
  return folded;
}

}  // namespace

CodeSet Alphabet::folded(const CodeSet& set) const {
  return unicode ? fold_unicode_case(set) : CodeSet(fold_latin1(set.bytes()));
}

Parsed<char32_t> parse_plain(Cursor& cursor, const Alphabet& alphabet) {
  if (!alphabet.unicode) {
    return static_cast<char32_t>(static_cast<unsigned char>(cursor.text[cursor.at++]));
  }
  const auto decoded = decode_utf8(cursor.text, cursor.at);
  if (!decoded) {
    return refuse(cursor.at, "invalid UTF-8");
  }
  cursor.at += decoded->length;
  return decoded->code;
}

Parsed<std::optional<CodeSet>> parse_escaped_class(Cursor& cursor, const Alphabet& alphabet,
                                                   bool ignore_case) {
  const int letter = cursor.peek(1);
  const ByteSet* set = nullptr;
  switch (letter | 0x20) {
    case 'd':
      set = &kDigits;
      break;
    case 's':
      set = &kSpace;
      break;
    case 'w':
      set = &kWord;
      break;
    case 'p': {
      auto property = parse_property(cursor, alphabet, ignore_case);
      if (!property) {
        return tl::unexpected(property.error());
      }
      return std::move(*property);
    }
    default:
      return std::nullopt;
  }
  if (letter < 'A') {
    return std::nullopt;
  }
  cursor.at += 2;
  return finish(CodeSet(*set), alphabet, ignore_case, letter < 'a');
}

Parsed<char32_t> parse_escaped(Cursor& cursor, const Alphabet& alphabet) {
  const std::size_t begin = cursor.at;
  const int c = cursor.peek(1);
  if (c < 0) {
    return refuse(begin, "trailing \\");
  }
  cursor.at += 2;
  if (c == 'x') {
    return parse_hex(cursor, begin, alphabet);
  }
  // "\1" to "\7" alone would be a back-reference.
  if (c == '0' || (is_octal(c) && is_octal(cursor.peek()))) {
    return parse_octal(cursor, begin, c);
  }
  constexpr std::string_view kLetters = "afnrtv";
  constexpr std::string_view kValues = "\a\f\n\r\t\v";
  if (const auto i = kLetters.find(static_cast<char>(c)); i != std::string_view::npos) {
    return static_cast<char32_t>(kValues[i]);
  }
  if (c < 128 && (c == '_' || !is_word_byte(c))) {
    return static_cast<char32_t>(c);
  }
  if (c >= '1' && c <= '9') {
    return refuse(begin, std::string("invalid escape sequence: \\") + static_cast<char>(c) +
                             " (back-references are not regular and not supported)");
  }
  return invalid_escape(cursor, begin);
}

Parsed<CodeSet> parse_bracket(Cursor& cursor, const Alphabet& alphabet, bool ignore_case) {
  const std::size_t begin = cursor.at;
  ++cursor.at;
  const bool negated = cursor.peek() == '^';
  cursor.at += negated ? 1 : 0;
  CodeSet set;
  for (bool first = true; first || cursor.peek() != ']'; first = false) {
    if (cursor.done()) {
      return refuse(begin, "missing ]: " + std::string(cursor.text.substr(begin)));
    }
    auto item = parse_item(cursor, begin, alphabet, ignore_case);
    if (!item) {
      return item;
    }
    set.add(*item);
  }
  ++cursor.at;
  return negated ? set.complement(alphabet.last()) : set;
}

}  // namespace marvel::regex
