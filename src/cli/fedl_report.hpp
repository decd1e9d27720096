#pragma once

#include "federate/server/report_json.hpp"

#include <string>

namespace marvel::cli {

// A self-contained page about a server's rounds, with the figures of the MARVEL deliverable D3.2
// (figures 15 to 18): training loss and error on each client's own data, test error of the model,
// and its size. Figures of what nobody measured are left out. At most twelve clients have a line
// each, the first by name, and the caption says how many there are; the JSON inside has all. A run
// without rounds has a page, too. Names of clients are texts of strangers and are escaped.
std::string fedl_html(const federate::ServerReport& report);

}  // namespace marvel::cli
