#include "vpn/n2n/metrics.hpp"

#include "vpn/node/counters_text.hpp"

namespace marvel::vpn::n2n {

using net::metric_head;
using net::metric_label;
using net::metric_line;

std::string metrics(const Edge& edge) {
  const std::string registered = "marvel_vpn_supernodes_registered";
  std::string text =
      metric_head(registered, "gauge", "Super nodes that this edge is registered with.") +
      metric_line(registered, metric_label("community", name_of(edge.options().community)),
                  std::uint64_t{edge.link().registered ? 1U : 0U});
  const std::string direct = "marvel_vpn_peer_direct";
  text += metric_head(direct, "gauge", "1: direct path, 0: relayed.");
  for (const auto& [mac, peer] : edge.peers()) {
    text += metric_line(direct, metric_label("peer", mac_text(mac)),
                        std::uint64_t{peer.path.empty() ? 0U : 1U});
  }
  return text + frame_metrics(edge.counters()) + drop_metrics(edge.counters());
}

std::string metrics(const Supernode& supernode) {
  std::map<std::string, std::uint64_t> edges;
  for (const auto& edge : supernode.edges()) {
    ++edges[edge.community];
  }
  return edge_metrics(edges) + relay_metrics(supernode.counters()) +
         drop_metrics(supernode.counters());
}

}  // namespace marvel::vpn::n2n
