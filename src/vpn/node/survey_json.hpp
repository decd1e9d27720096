#pragma once

#include "vpn/node/survey.hpp"

namespace marvel::vpn {

// What a survey has found, as a network document (docs/formats/network.md): two links per peer, one
// from this node and one to it. `node`: its name; `unix_seconds`: now. Latency is half of the
// median round trip, because one clock cannot tell the two ways apart; what was not found is null.
std::string survey_json(const Survey& survey, const std::string& node, std::uint64_t unix_seconds);

}  // namespace marvel::vpn
