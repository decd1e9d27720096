#include "regex/utf8.hpp"

#include "base/random.hpp"
#include "base/utf8.hpp"
#include "regex/judge.hpp"

#include <doctest/doctest.h>

namespace marvel::regex {
namespace {

bool fits(const std::vector<std::vector<ByteSet>>& sequences, const std::string& bytes) {
  for (const auto& sequence : sequences) {
    bool all = sequence.size() == bytes.size();
    for (std::size_t i = 0; i < bytes.size() && all; ++i) {
      all = sequence[i].contains(static_cast<unsigned char>(bytes[i]));
    }
    if (all) {
      return true;
    }
  }
  return false;
}

bool is_surrogate(char32_t code) {
  return code >= 0xD800 && code <= 0xDFFF;
}

}  // namespace

TEST_CASE("every code point is decoded from its encoding") {
  std::size_t wrong = 0;
  for (char32_t code = 0; code <= kLastCodePoint; ++code) {
    const std::string bytes = "x" + test::utf8_of(code);
    const auto decoded = decode_utf8(bytes, 1);
    const bool right = is_surrogate(code) ? !decoded
                                          : decoded && decoded->code == code &&
                                                decoded->length == bytes.size() - 1;
    wrong += right ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("what is no UTF-8 is not decoded") {
  for (const std::string bytes :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3x", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xff", "\xe2\x82"}) {
    CHECK_FALSE(decode_utf8(bytes, 0).has_value());
    CHECK_FALSE(is_utf8(bytes));
  }
}

TEST_CASE("sequences are the encodings of a set, and of nothing else") {
  const auto all = utf8_sequences(CodeSet(0, kLastCodePoint));
  CHECK(all.size() <= 9);
  CHECK_FALSE(fits(all, "\xc3"));
  CHECK_FALSE(fits(all, "\xf4\x90\x80\x80"));
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    CounterRng rng(stream_key(42, seed));
    CodeSet set;
    for (int i = 0; i < 12; ++i) {
      const char32_t first = rng.below(1U << (5 + 2 * rng.below(9))) % (kLastCodePoint + 1);
      set.add(first, std::min<char32_t>(kLastCodePoint, first + rng.below(1U << rng.below(16))));
    }
    const auto sequences = utf8_sequences(set);
    std::size_t wrong = 0;
    for (char32_t code = static_cast<char32_t>(seed); code <= kLastCodePoint; code += 5) {
      wrong += fits(sequences, test::utf8_of(code)) == set.contains(code) ? 0 : 1;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace marvel::regex
