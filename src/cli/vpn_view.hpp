#pragma once

#include "cli/command.hpp"
#include "vpn/identity/certificate.hpp"

#include <string>

namespace marvel::cli {

// Results of `marvel vpn` as text and as JSON (docs/formats/vpn-json.md). Times are in seconds
// since 1970, and in text UTC. What a node says of itself is JSON that vpn/node has written; it
// goes on to programs as it came, and is taken apart here for people and scripts.
//
// What stands in a certificate. Its signature is not looked at. The exit code of one that is not
// valid at `now` is 1.
Answer certificate_answer(const vpn::Certificate& certificate, std::uint64_t now);
// The serials, 16 hexadecimal digits each, a line per certificate.
Answer revocations_answer(const vpn::Revocations& list);
// `json` is what a node said of itself. kInternal when it is damaged. Of an edge a table of super
// nodes and one of peers, of a super node its edges, and in both cases the reasons why packets were
// dropped. "-" stands for what is not known. Names of strangers cannot steer the terminal.
Result<Answer> status_answer(const std::string& json);
// "10.8.0.7/24" of an edge's document, of either protocol; empty until it has one. kUsage for a
// super node's, which has none; kInternal when it is damaged.
Result<std::string> address_in_status(const std::string& json);
// The address inside the network of the peer of this name; kNotFound when the edge knows no such
// peer, or not its address yet. An edge knows the peers with which something was said. kUsage and
// kInternal as above.
Result<std::string> peer_address_in_status(const std::string& json, const std::string& name);

}  // namespace marvel::cli
