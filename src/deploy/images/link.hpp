#pragma once

#include "base/result.hpp"
#include "net/headers.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace marvel::deploy::images {

// What registries say in fields of their answers, read without trust.

// The address of the next page out of `Link: </v2/_catalog?last=x>; rel="next"` (RFC 8288),
// resolved from `url`; empty when there is none. kUnavailable when it leads to another server,
// which must not get our credentials, or to the same page again. Longer circles are the caller's to
// end.
Result<std::string> next_page(const net::Headers& headers, const std::string& url);

// How many bytes of an upload are there: 1 + the last of `Range: 0-59999`, or of `bytes=0-59999`,
// as some write it. `0-0` is none, because that is what registries say about an empty upload.
// Nothing when the field is missing or odd.
std::optional<std::uint64_t> upload_offset(const net::Headers& headers);

}  // namespace marvel::deploy::images
