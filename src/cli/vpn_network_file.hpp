#pragma once

#include "base/result.hpp"
#include "cli/command.hpp"

namespace marvel::cli {

// Documents of the schema marvel.network/1 (docs/formats/network.md): what `marvel vpn measure` has
// found, and the file that nodes fill one after the other for placement to read.
//
// `old` with the links of `measured` in it, on one line: of a link between the same two ends the
// measured keys are replaced, all else stays where it is, keys that are not known here included.
// The two directions are two links. `old` empty: none. kInput when `old` is no such document;
// `name` is its file, for the message.
Result<std::string> merge_network(const std::string& old, const std::string& name,
                                  const std::string& measured);

// Whether the file could take links: none, an empty one, or such a document. kInput for another.
// Asked before minutes are spent on measuring.
Status check_network_file(const std::string& file);
// Puts `measured` into the file as it is now, which is made when it is not there. Those that do so
// at one time wait for each other (flock(2) on the folder), so no links are lost. kInput for
// another document, kUnavailable where the file cannot be written; then it stays as it was.
Status merge_network_file(const std::string& file, const std::string& measured);

// A table of the links, and `document` as the JSON. Ends with 1 when a link has no figures for
// latency or bandwidth. kInput for no such document.
Result<Answer> network_answer(const std::string& document);

}  // namespace marvel::cli
