#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace marvel::net {

// Pieces of the text format of Prometheus, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Each ends with a line end but a
// label, and a document is the pieces one after the other: the head of a metric once, then its
// samples.
//   # HELP frames_total Ethernet frames.
//   # TYPE frames_total counter
//   frames_total{peer="edge2"} 1200
// Names and helps are literals of ours and are not checked; values of labels come from anywhere.
//
// The two comment lines in front of a metric. `type` is "counter" or "gauge".
std::string metric_head(const std::string& name, const std::string& type, const std::string& help);
// name="value", for the `labels` below. Of the value, quotes and backslashes are escaped; what is
// no UTF-8, control characters and line ends are replaced as by shown_text (base/utf8.hpp), because
// one such byte would cost the whole document. Values that differ in nothing else become alike.
std::string metric_label(const std::string& name, std::string_view value);
// One sample; `labels` are joined by commas, or empty. Of the two, the first is exact for every
// count; the other writes a real so that it reads back as the same number, and NaN, +Inf and -Inf
// as Prometheus spells them.
//   metric_line("frames_total", metric_label("peer", name) + "," + metric_label("path", path), n);
// An int is neither of them: the caller says which.
std::string metric_line(const std::string& name, const std::string& labels, std::uint64_t value);
std::string metric_line(const std::string& name, const std::string& labels, double value);
// Head and only sample of a counter.
std::string metric_total(const std::string& name, const std::string& help, std::uint64_t value);

}  // namespace marvel::net
