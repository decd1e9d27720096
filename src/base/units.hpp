#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace marvel {

// Sizes and durations as people type them. A unit may follow the number directly or after a blank;
// kInput names the accepted units when the text is anything else.

// "64MiB", "1.5 GiB", "200kB", "4096": bytes. Binary units are Ki, Mi, Gi, Ti, each with or
// without "B"; decimal ones are k, M, G, T with "B". A number alone is bytes. Rounds down to whole
// bytes; at most 2^63 - 1.
Result<std::uint64_t> parse_size(std::string_view text);

// "30s", "5m", "1.5h", "250ms", "2d": never negative. A number alone is refused, because a bare
// "30" means seconds to one reader and minutes to the next.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace marvel
