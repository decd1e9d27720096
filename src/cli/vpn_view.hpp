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
// "10.8.0.7/24" of an edge's document; empty until it has one.
Result<std::string> address_in_status(const std::string& json);
// The address inside the network of the peer of this name; kNotFound when the edge knows none.
Result<std::string> peer_address_in_status(const std::string& json, const std::string& name);

}  // namespace marvel::cli
