#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"

namespace marvel::cli {

// Documents of the schema marvel.network/1 (docs/formats/network.md).

// `old` with the links of `measured` in it: a link between the same two ends is replaced, all else
// stays where it is, keys that are not known here included. `old` empty: none. kInput when `old` is
// no such document; `name` is its file, for the message.
Result<std::string> merge_network(const std::string& old, const std::string& name,
                                  const std::string& measured);

// A table of the links. Ends with 1 when a link has no figures.
Result<Answer> network_answer(const std::string& document);

}  // namespace marvel::cli
