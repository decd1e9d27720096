#pragma once

#include "federate/server/round_report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace marvel::federate {

// What `marvel fedl server` answers at its end. It is made by serve() (transport/serve.hpp) or by a
// simulation, and drawn by the command line.
struct ServerReport {
  std::string status;  // "done" or "interrupted"
  std::string run;
  std::string strategy;
  std::string stop_reason;       // why it ended before --rounds; empty: it did not
  std::uint64_t rounds = 0;      // finished ones, those before a resume included
  std::uint64_t parameters = 0;  // of the model
  std::string model_path;        // empty without --checkpoint
  std::string script_path;       // of the same as model.pt; empty where that cannot be
  double seconds = 0;            // of this process
  std::optional<PrivacyReport> privacy;
  std::vector<RoundReport> reports;  // those before a resume included
};

// One line of JSON without a line end, schema "marvel.fedl.round/1". The keys are in
// docs/formats/fedl.md; read_round() in server/round_reading.hpp is the reverse. Names that are no
// UTF-8 get U+FFFD in place of the bad bytes, and numbers that JSON lacks become null.
std::string round_json(const RoundReport& report);
// Schema "marvel.fedl.server/1"; ends with a line end. The rounds in it are objects as round_json()
// writes them.
std::string server_json(const ServerReport& report);
// One line for people, without a line end. Fates that nobody had are left out; loss and accuracy
// are the server's own where it measures, else the clients':
//   round 3: 5 of 6 clients merged, 1 late, loss 0.31, accuracy 90.10 %, 2.0 s
std::string round_line(const RoundReport& report);

}  // namespace marvel::federate
