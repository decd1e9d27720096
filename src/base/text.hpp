#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marvel {

// Small text work that the standard library leaves to everyone. All of it is plain bytes: no
// locale, so "1.5" reads the same on every machine.

// `text` without blanks, tabs and line ends at both sides. A view into `text`, which must outlive
// it.
std::string_view trim(std::string_view text);
// The parts between separators; "a,,b" has three parts and "" has one empty part. split and join
// are inverse to each other as long as no part holds the separator.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// ASCII letters only; other bytes stay.
std::string to_upper(std::string_view text);

// Whole-string numbers: no blanks around, no plus sign, no units (see units.hpp), no hexadecimal.
// kInput says what was expected, without naming where the text came from: "'x' is not a whole
// number"; the caller knows the flag or the key. "Out of range" is told apart. Infinities
// and NaN are refused; reals have a point and may have an exponent.
//   parse_integer("-12")    parse_unsigned("12")    parse_real("1.5e-3")
Result<std::int64_t> parse_integer(std::string_view text);
Result<std::uint64_t> parse_unsigned(std::string_view text);
Result<double> parse_real(std::string_view text);
// true/yes/on/1 and false/no/off/0, in any case.
Result<bool> parse_bool(std::string_view text);

// Breaks prose at blanks so that no line is longer than `width` columns, unless a single word is. A
// byte counts as a column: the texts of help are ASCII. `prose` has one blank between words and no
// line ends; an empty one is one empty line.
std::vector<std::string> wrap(std::string_view prose, std::size_t width);

}  // namespace marvel
