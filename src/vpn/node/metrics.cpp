#include "vpn/node/metrics.hpp"

namespace marvel::vpn {
namespace {

// Names of nodes and communities need no escapes: see is_node_name.
std::string line(const std::string& name, const std::string& labels, std::uint64_t value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
}

std::string head(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string label(const std::string& name, const std::string& value) {
  return name + "=\"" + value + "\"";
}

std::string drops(const Counters& counters) {
  const std::string name = "marvel_vpn_drops_total";
  std::string text = head(name, "counter", "Packets that went no further, by reason.");
  for (std::size_t at = 0; at < counters.drops.size(); ++at) {
    text += line(name, label("reason", std::string(drop_name(static_cast<Drop>(at)))),
                 counters.drops[at]);
  }
  return text;
}

std::string total(const std::string& name, const std::string& help, std::uint64_t value) {
  return head(name, "counter", help) + line(name, "", value);
}

std::string peers(const Edge& edge, Time now) {
  const std::string state = "marvel_vpn_peer_direct";
  const std::string trip = "marvel_vpn_peer_round_trip_microseconds";
  std::string states = head(state, "gauge", "1: direct path, 0: relayed.");
  std::string trips = head(trip, "gauge", "Round trip of the direct path.");
  for (const auto& [key, peer] : edge.peers()) {
    if (!peer->channel.ready(now) || peer->name.empty()) {
      continue;
    }
    const bool direct = peer->direct.is_open();
    states += line(state, label("peer", peer->name), direct ? 1 : 0);
    if (direct) {
      const auto microseconds =
          std::chrono::duration_cast<std::chrono::microseconds>(peer->direct.round_trip());
      trips +=
          line(trip, label("peer", peer->name), static_cast<std::uint64_t>(microseconds.count()));
    }
  }
  return states + trips;
}

}  // namespace

std::string metrics(const Edge& edge, Time now, const std::string& community) {
  const Counters& counters = edge.counters();
  std::uint64_t registered = 0;
  for (const auto& link : edge.links()) {
    registered += link->registered ? 1 : 0;
  }
  const std::string name = "marvel_vpn_supernodes_registered";
  return head(name, "gauge", "Super nodes that this edge is registered with.") +
         line(name, label("community", community), registered) +
         total("marvel_vpn_frames_sent_total", "Frames to peers.", counters.frames_sent) +
         total("marvel_vpn_frames_received_total", "Frames of peers.", counters.frames_received) +
         total("marvel_vpn_sent_bytes_total", "Bytes of frames to peers.", counters.bytes_sent) +
         total("marvel_vpn_received_bytes_total", "Bytes of frames of peers.",
               counters.bytes_received) +
         drops(counters) + peers(edge, now);
}

std::string metrics(const Supernode& supernode) {
  std::map<std::string, std::uint64_t> edges;
  for (const auto& client : supernode.clients()) {
    ++edges[client.community];
  }
  const std::string name = "marvel_vpn_edges";
  std::string text = head(name, "gauge", "Registered edges, by community.");
  for (const auto& [community, count] : edges) {
    text += line(name, label("community", community), count);
  }
  const Counters& counters = supernode.counters();
  return text + total("marvel_vpn_relayed_total", "Datagrams passed on.", counters.relayed) +
         total("marvel_vpn_relayed_bytes_total", "Their bytes.", counters.relayed_bytes) +
         drops(counters);
}

}  // namespace marvel::vpn
