#pragma once

#include "cli/command.hpp"
#include "vpn/identity/certificate.hpp"

#include <string>

namespace marvel::cli {

// Results of `marvel vpn` as text and as JSON (docs/formats/vpn-json.md). Times are in seconds
// since 1970. The exit code of a certificate that is not valid at `now` is 1.
Answer certificate_answer(const vpn::Certificate& certificate, std::uint64_t now);
Answer revocations_answer(const vpn::Revocations& list);
// `json` is what a node said of itself. kInternal when it is damaged.
Result<Answer> status_answer(const std::string& json);

}  // namespace marvel::cli
