#pragma once

#include "net/metrics_text.hpp"

#include <cstddef>
#include <map>

namespace marvel::vpn {

// Counters as metrics of Prometheus, with the same names in both protocols. `Counters` is that of
// the one or the other; its reasons have a drop_name().
//
// Each function gives whole families of the text format 0.0.4: the lines HELP and TYPE, then one
// line for each value, all ended by a line end, so texts are put behind each other to make a page:
//
//   frame_metrics(counters) + drop_metrics(counters)
//
// They are templates because Drop is another enumeration in each protocol. docs/formats/vpn-json.md
// has the names; node/metrics.cpp and n2n/metrics.cpp are the callers.

// marvel_vpn_drops_total, with a line for each reason, also for those that never happened.
template <class Counters>
std::string drop_metrics(const Counters& counters) {
  const std::string name = "marvel_vpn_drops_total";
  std::string text = net::metric_head(name, "counter", "Packets that went no further, by reason.");
  for (std::size_t at = 0; at < counters.drops.size(); ++at) {
    const auto reason = drop_name(static_cast<typename Counters::Reason>(at));
    text += net::metric_line(name, net::metric_label("reason", reason), counters.drops[at]);
  }
  return text;
}

// Of an edge: frames and bytes in both directions, of all peers together.
template <class Counters>
std::string frame_metrics(const Counters& counters) {
  using net::metric_total;
  return metric_total("marvel_vpn_frames_sent_total", "Frames to peers.", counters.frames_sent) +
         metric_total("marvel_vpn_frames_received_total", "Frames of peers.",
                      counters.frames_received) +
         metric_total("marvel_vpn_sent_bytes_total", "Bytes of frames to peers.",
                      counters.bytes_sent) +
         metric_total("marvel_vpn_received_bytes_total", "Bytes of frames of peers.",
                      counters.bytes_received);
}

// Of a super node.
template <class Counters>
std::string relay_metrics(const Counters& counters) {
  return net::metric_total("marvel_vpn_relayed_total", "Datagrams passed on.", counters.relayed) +
         net::metric_total("marvel_vpn_relayed_bytes_total", "Their bytes.",
                           counters.relayed_bytes);
}

// `edges` by community.
inline std::string edge_metrics(const std::map<std::string, std::uint64_t>& edges) {
  const std::string name = "marvel_vpn_edges";
  std::string text = net::metric_head(name, "gauge", "Registered edges, by community.");
  for (const auto& [community, count] : edges) {
    text += net::metric_line(name, net::metric_label("community", community), count);
  }
  return text;
}

}  // namespace marvel::vpn
