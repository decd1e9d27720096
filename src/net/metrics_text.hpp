#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::net {

// Pieces of the text format of Prometheus, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Each ends with a line end.

// The two comment lines in front of a metric. `type` is "counter" or "gauge".
std::string metric_head(const std::string& name, const std::string& type, const std::string& help);
// name="value", for the `labels` below; whatever the value holds is escaped, and bytes that are no
// text cannot end the line.
std::string metric_label(const std::string& name, std::string_view value);
// One sample; `labels` are joined by commas, or empty.
std::string metric_line(const std::string& name, const std::string& labels, std::uint64_t value);
std::string metric_line(const std::string& name, const std::string& labels, double value);
// Head and only sample of a counter.
std::string metric_total(const std::string& name, const std::string& help, std::uint64_t value);

}  // namespace marvel::net
