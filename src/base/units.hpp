#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace marvel {

// Sizes and durations as people type them. A unit may follow the number directly or after a blank;
// kInput names the accepted units when the text is anything else.

// "64MiB", "1.5 GiB", "200kB", "4096": bytes. Binary units are Ki, Mi, Gi, Ti, each with or without
// "B"; decimal ones are kB, MB, GB, TB. A number alone, or one with "B", is bytes. Case counts:
// "mb" and "kb" are refused rather than guessed. Rounds down to whole bytes; at most 9.2e18, so
// that the result fits into 63 bits, too. Computed in double, so exact up to 2^53 bytes.
Result<std::uint64_t> parse_size(std::string_view text);

// "30s", "5m", "1.5h", "250ms", "2d": never negative, there is no sign. A number alone is refused,
// because a bare "30" means seconds to one reader and minutes to the next. Rounds down to whole
// milliseconds, so that a shorter one is 0; at most 9.2e18 of them.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace marvel
