#pragma once

#include "federate/client/report.hpp"
#include "federate/server/report_json.hpp"
#include "federate/simulate/simulate.hpp"

#include <string>

namespace marvel::cli {

// What people see of `marvel fedl`: plain data in, finished text out. No escape codes.

// The rounds of this process as a table, and where the model is.
std::string fedl_server_table(const federate::ServerReport& report);
// The same of a simulation, and what its faults have done.
std::string fedl_simulation_table(const federate::SimulationReport& report);
std::string fedl_client_table(const federate::ClientReportCard& report);

}  // namespace marvel::cli
