#include "vpn/n2n/status_json.hpp"

#include "base/text.hpp"
#include "config/json.hpp"

namespace marvel::vpn::n2n {
namespace {

std::string drops_json(const Counters& counters) {
  std::vector<std::pair<std::string, std::string>> members;
  for (std::size_t at = 0; at < counters.drops.size(); ++at) {
    members.emplace_back(drop_name(static_cast<Drop>(at)), std::to_string(counters.drops[at]));
  }
  return json_object(members);
}

std::string list(const std::vector<std::string>& items) {
  return "[" + join(items, ",") + "]";
}

std::string boolean(bool value) {
  return value ? "true" : "false";
}

std::string peer_json(const Peer& peer) {
  const bool direct = !peer.path.empty();
  return json_object(
      {{"name", json_string(peer.name.empty() ? mac_text(peer.mac) : peer.name)},
       {"address", peer.address == 0 ? "null" : json_string(ipv4_text(peer.address))},
       {"mac", json_string(mac_text(peer.mac))},
       {"path", json_string(direct ? "direct" : "relay")},
       {"endpoint", direct ? json_string(peer.path.text()) : "null"},
       {"frames_sent", std::to_string(peer.frames_sent)},
       {"frames_received", std::to_string(peer.frames_received)}});
}

std::string links_json(const Edge& edge) {
  std::vector<std::string> links;
  const auto& supernodes = edge.options().supernodes;
  for (std::size_t at = 0; at < supernodes.size(); ++at) {
    const bool registered = edge.link().registered && edge.link().number == at;
    links.push_back(
        json_object({{"endpoint", json_string(supernodes[at].text())},
                     {"registered", boolean(registered)},
                     {"seen_as", registered ? json_string(edge.link().seen.text()) : "null"}}));
  }
  return list(links);
}

}  // namespace

std::string status_json(const Edge& edge, const std::string& device, int threads) {
  std::vector<std::string> peers;
  for (const auto& [mac, peer] : edge.peers()) {
    peers.push_back(peer_json(peer));
  }
  const Counters& counters = edge.counters();
  const std::string address =
      edge.address() == 0
          ? "null"
          : json_string(ipv4_text(edge.address()) + "/" + std::to_string(edge.bits()));
  return json_object({{"schema", json_string("marvel.vpn.n2n-edge/1")},
                      {"community", json_string(name_of(edge.options().community))},
                      {"name", json_string(edge.options().name)},
                      {"mac", json_string(mac_text(edge.options().mac))},
                      {"device", json_string(device)},
                      {"address", address},
                      {"cipher", json_string(cipher_name(edge.options().cipher))},
                      {"header_encryption", boolean(edge.options().encrypted_header)},
                      {"user", boolean(edge.options().login.has_value())},
                      {"supernodes", links_json(edge)},
                      {"peers", list(peers)},
                      {"frames_sent", std::to_string(counters.frames_sent)},
                      {"frames_received", std::to_string(counters.frames_received)},
                      {"bytes_sent", std::to_string(counters.bytes_sent)},
                      {"bytes_received", std::to_string(counters.bytes_received)},
                      {"threads", std::to_string(threads)},
                      {"drops", drops_json(counters)}});
}

std::string status_json(const Supernode& supernode, int threads) {
  std::vector<std::string> edges;
  for (const auto& edge : supernode.edges()) {
    edges.push_back(json_object({{"community", json_string(edge.community)},
                                 {"name", json_string(edge.name)},
                                 {"address", json_string(ipv4_text(edge.address))},
                                 {"mac", json_string(mac_text(edge.mac))},
                                 {"endpoint", json_string(edge.endpoint.text())},
                                 {"relayed", std::to_string(edge.relayed)}}));
  }
  std::vector<std::string> federated;
  for (const auto& peer : supernode.federated()) {
    federated.push_back(json_object(
        {{"endpoint", json_string(peer.endpoint.text())}, {"connected", boolean(peer.connected)}}));
  }
  const Counters& counters = supernode.counters();
  return json_object({{"schema", json_string("marvel.vpn.n2n-supernode/1")},
                      {"edges", list(edges)},
                      {"federated", list(federated)},
                      {"relayed", std::to_string(counters.relayed)},
                      {"relayed_bytes", std::to_string(counters.relayed_bytes)},
                      {"threads", std::to_string(threads)},
                      {"drops", drops_json(counters)}});
}

}  // namespace marvel::vpn::n2n
