#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::report {

// Numbers as people read them; always with a point, whatever the locale. Documents for programs
// have the plain numbers instead. The texts fit a column of a table: three significant digits or
// so, the unit behind a blank, binary units for sizes. What cannot be negative is a "-" where it
// is.
std::string bytes(double count);         // "187 B", "40.9 KiB", "1.02 MiB"
std::string count(std::uint64_t value);  // "266,610"
std::string percent(double value);       // "1.01 %"; "-" when negative (not measured)
std::string duration(double seconds);    // "0.4 s", "12 s", "3 min 05 s", "2 h 03 min"
std::string microseconds(double value);  // "24.3 µs"; "-" when not measured (<= 0)
// "-83.8 %" from before to after; "-" when before is 0. Of the two numbers only their ratio counts,
// so any unit will do if it is the same.
//   change(266610, 43304)    "-83.8 %"
std::string change(double before, double after);

// Columns that UTF-8 text takes on a terminal, one per code point (East Asian width is not used by
// any text of ours). Never fails: in damaged UTF-8 each byte counts that is no continuation.
std::size_t display_width(std::string_view text);

}  // namespace marvel::report
