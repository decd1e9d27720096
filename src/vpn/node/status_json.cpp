#include "vpn/node/status_json.hpp"

#include "base/text.hpp"
#include "config/json.hpp"

#include <cmath>

namespace marvel::vpn {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

std::string drops_json(const Counters& counters) {
  Members members;
  for (std::size_t at = 0; at < counters.drops.size(); ++at) {
    members.emplace_back(drop_name(static_cast<Drop>(at)), std::to_string(counters.drops[at]));
  }
  return json_object(members);
}

std::string microseconds(Duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

// A share of probes that were not answered, to a thousandth.
std::string share(std::optional<double> value) {
  if (!value) {
    return "null";
  }
  const auto thousandths = std::to_string(std::lround(*value * 1000));
  return thousandths == "1000" ? "1"
                               : "0." + std::string(3 - thousandths.size(), '0') + thousandths;
}

std::string whole(double value) {
  return std::to_string(std::llround(value));
}

std::string rates_json(const TrafficRates& rates) {
  return json_object({{"sent_bytes", whole(rates.bytes_sent.per_second())},
                      {"received_bytes", whole(rates.bytes_received.per_second())},
                      {"sent_frames", whole(rates.frames_sent.per_second())},
                      {"received_frames", whole(rates.frames_received.per_second())}});
}

std::string list(const std::vector<std::string>& items) {
  return "[" + join(items, ",") + "]";
}

std::string boolean(bool value) {
  return value ? "true" : "false";
}

std::string suite_json(const Session* session) {
  if (session == nullptr) {
    return "null";
  }
  return json_string(session->facts().suite == Suite::kAes256Gcm ? "aes-256-gcm"
                                                                 : "chacha20-poly1305");
}

// Bytes of UDP payload that the path takes, as far as is known.
std::size_t mtu_of(const Peer& peer) {
  return peer.direct.is_open() ? peer.direct_mtu.size() : peer.relay_mtu.size();
}

std::string networks_json(const std::vector<Subnet>& networks) {
  std::vector<std::string> texts;
  for (const Subnet& one : networks) {
    texts.push_back(json_string(one.text()));
  }
  return list(texts);
}

std::string peer_json(const Peer& peer, Time now) {
  const bool ready = peer.channel.ready(now);
  const bool direct = peer.direct.is_open();
  return json_object({{"name", json_string(peer.name)},
                      {"address", json_string(ipv4_text(peer.address))},
                      {"key", json_string(hex(peer.key))},
                      {"path", json_string(!ready   ? "none"
                                           : direct ? "direct"
                                                    : "relay")},
                      {"endpoint", direct ? json_string(peer.direct.endpoint().text()) : "null"},
                      {"round_trip_us", direct ? microseconds(peer.direct.round_trip()) : "null"},
                      {"loss", direct ? share(peer.direct.loss().share()) : "null"},
                      {"path_mtu", ready ? std::to_string(mtu_of(peer)) : "null"},
                      {"networks", networks_json(peer.prefixes)},
                      {"cipher", suite_json(ready ? peer.channel.current() : nullptr)},
                      {"handshakes", std::to_string(peer.channel.handshakes())},
                      {"frames_sent", std::to_string(peer.traffic.frames_sent)},
                      {"frames_received", std::to_string(peer.traffic.frames_received)},
                      {"bytes_sent", std::to_string(peer.traffic.bytes_sent)},
                      {"bytes_received", std::to_string(peer.traffic.bytes_received)},
                      {"per_second", rates_json(peer.rates)}});
}

std::string link_json(const Link& link) {
  return json_object({{"endpoint", json_string(link.endpoint.text())},
                      {"registered", boolean(link.registered)},
                      {"seen_as", link.registered ? json_string(link.seen.text()) : "null"},
                      {"round_trip_us", link.registered ? microseconds(link.round_trip) : "null"},
                      {"loss", link.registered ? share(link.loss.share()) : "null"}});
}

std::string nat_json(const NatFinding& nat) {
  return json_object({{"kind", json_string(nat_mapping_name(nat.kind))},
                      {"observers", std::to_string(nat.observers)}});
}

}  // namespace

std::string status_json(const Edge& edge, Time now, const std::string& community,
                        const std::string& device, int threads) {
  std::vector<std::string> links;
  for (const auto& link : edge.links()) {
    links.push_back(link_json(*link));
  }
  std::vector<std::string> peers;
  for (const auto& [key, peer] : edge.peers()) {
    peers.push_back(peer_json(*peer, now));
  }
  const Counters& counters = edge.counters();
  return json_object(
      {{"schema", json_string("marvel.vpn.edge/1")},
       {"community", json_string(community)},
       {"name", json_string(edge.name())},
       {"key", json_string(hex(edge.public_key()))},
       {"device", json_string(device)},
       {"address", edge.address() == 0 ? "null"
                                       : json_string(ipv4_text(edge.address()) + "/" +
                                                     std::to_string(edge.bits()))},
       {"ipv6", json_string(ipv6_text(edge.ipv6()))},
       {"nat", nat_json(edge.nat(now))},
       {"supernodes", list(links)},
       {"peers", list(peers)},
       {"frames_sent", std::to_string(counters.frames_sent)},
       {"frames_received", std::to_string(counters.frames_received)},
       {"bytes_sent", std::to_string(counters.bytes_sent)},
       {"bytes_received", std::to_string(counters.bytes_received)},
       {"per_second", rates_json(edge.rates())},
       {"threads", std::to_string(threads)},
       {"drops", drops_json(counters)}});
}

std::string status_json(const Supernode& supernode, int threads) {
  std::vector<std::string> clients;
  for (const auto& client : supernode.clients()) {
    clients.push_back(json_object({{"community", json_string(client.community)},
                                   {"name", json_string(client.name)},
                                   {"address", json_string(ipv4_text(client.address))},
                                   {"key", json_string(hex(client.key))},
                                   {"endpoint", json_string(client.endpoint.text())},
                                   {"relayed", std::to_string(client.relayed)}}));
  }
  const Counters& counters = supernode.counters();
  return json_object({{"schema", json_string("marvel.vpn.supernode/1")},
                      {"edges", list(clients)},
                      {"relayed", std::to_string(counters.relayed)},
                      {"relayed_bytes", std::to_string(counters.relayed_bytes)},
                      {"threads", std::to_string(threads)},
                      {"drops", drops_json(counters)}});
}

}  // namespace marvel::vpn
