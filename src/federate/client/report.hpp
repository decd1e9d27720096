#pragma once

#include "federate/client/conversation.hpp"

#include <string>

namespace marvel::federate {

// What `marvel fedl client` answers at its end. Made by join() (transport/join.hpp).
struct ClientReportCard {
  std::string status;  // "done" or "interrupted"
  std::string cid;
  std::string dialect;  // "0.x" or "1.x", of the last link; empty: never connected
  ClientTally tally;
  double seconds = 0;
};

// Schema "marvel.fedl.client/1"; ends with a line end.
std::string client_json(const ClientReportCard& report);

}  // namespace marvel::federate
