#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace marvel::rollout {

// A text in gzip's format (RFC 1952), packed as tightly as zlib can. The same text gives the same
// bytes, so a revision that is written again is no change.
std::string gzip(std::string_view text);

// kInput for what is no whole gzip file, and for one that unpacks to more than `most` bytes: little
// more than that is unpacked, whatever the bytes claim. What follows the end is not looked at.
Result<std::string> gunzip(std::string_view packed, std::size_t most);

}  // namespace marvel::rollout
