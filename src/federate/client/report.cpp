#include "federate/client/report.hpp"

#include <nlohmann/json.hpp>

namespace marvel::federate {

std::string client_json(const ClientReportCard& report) {
  const nlohmann::ordered_json json{{"schema", "marvel.fedl.client/1"},
                                    {"status", report.status},
                                    {"cid", report.cid},
                                    {"dialect", report.dialect},
                                    {"rounds_trained", report.tally.trained},
                                    {"updates_resent", report.tally.resent},
                                    {"evaluations", report.tally.evaluated},
                                    {"reconnects", report.tally.reconnects},
                                    {"seconds", report.seconds}};
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace marvel::federate
