#pragma once

#include "base/random.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// RE2 as the judge of what a pattern means, and generators of patterns and text for it.
namespace marvel::test {

// Lines of `text`, which is empty or ends with '\n'.
std::vector<std::string> lines_of(std::string_view text);

// What patterns and text are written in.
enum class Encoding { kBytes, kUtf8 };

// Whether RE2 accepts `pattern` (one line at a time), and why not.
bool re2_accepts(const std::string& pattern, std::string* why = nullptr,
                 Encoding encoding = Encoding::kBytes);

// For each line, the patterns that match it according to RE2, rising.
std::vector<std::vector<std::uint32_t>> re2_which(const std::vector<std::string>& patterns,
                                                  const std::vector<std::string>& lines,
                                                  Encoding encoding = Encoding::kBytes);

// The code points that RE2 says a pattern for one character matches, as rising ranges.
std::vector<std::pair<char32_t, char32_t>> re2_code_points(const std::string& pattern);

// RE2's leftmost-longest match at or behind `from`, as "begin,end"; "none" without one.
std::string re2_span(const std::string& pattern, std::string_view line, std::size_t from);

// Pieces of syntax put together at random: most results are valid, many are strange.
std::string random_pattern(CounterRng& rng);
// Short lines over the letters that random_pattern uses, with NUL, CR and bytes above 127.
std::string random_text(CounterRng& rng, std::uint32_t most_lines);

// The same with characters of one to four bytes, and some bytes that are no UTF-8 in the text.
std::string random_utf8_pattern(CounterRng& rng);
std::string random_utf8_text(CounterRng& rng, std::uint32_t most_lines);

// `code` in UTF-8 (RFC 3629).
std::string utf8_of(char32_t code);

}  // namespace marvel::test
