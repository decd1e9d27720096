#pragma once

#include "federate/client/report.hpp"
#include "federate/server/report_json.hpp"
#include "federate/simulate/simulate.hpp"

#include <string>

namespace marvel::cli {

// What people see of `marvel fedl`: plain data in, finished text out. No escape codes. Programs get
// the reports as JSON (docs/formats/fedl.md). What nobody measured is "-". Megabytes are of 10^6
// bytes.
//
// The rounds of this process as a table, and where the model is. After --resume earlier rounds are
// not in it. A private run ends with its epsilon.
std::string fedl_server_table(const federate::ServerReport& report);
// The same of a simulation, and what its faults have done.
std::string fedl_simulation_table(const federate::SimulationReport& report);
// One line: how the run ended for this client, and what it did.
std::string fedl_client_table(const federate::ClientReportCard& report);

}  // namespace marvel::cli
