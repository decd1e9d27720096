#include "vpn/node/metrics.hpp"

#include <array>
#include <cstdio>

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

// Metrics of one kind, a line for each peer or super node that has a value.
class Family {
 public:
  Family(std::string name, const std::string& type, const std::string& help)
      : name_("marvel_vpn_" + std::move(name)), text_(head(name_, type, help)) {}

  void add(const std::string& labels, std::uint64_t value) { text_ += line(name_, labels, value); }
  void add(const std::string& labels, double value) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6g", value);
    text_ += name_ + "{" + labels + "} " + digits.data() + "\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

std::uint64_t microseconds(Duration span) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

std::string peers(const Edge& edge, Time now) {
  Family direct("peer_direct", "gauge", "1: direct path, 0: relayed.");
  Family trip("peer_round_trip_microseconds", "gauge", "Round trip of the direct path.");
  Family loss("peer_loss_ratio", "gauge", "Share of unanswered probes of the direct path.");
  Family sent("peer_sent_bytes_total", "counter", "Bytes of frames to the peer.");
  Family received("peer_received_bytes_total", "counter", "Bytes of frames of the peer.");
  Family sending("peer_sent_bytes_per_second", "gauge", "The same now, a mean of 5 s.");
  Family receiving("peer_received_bytes_per_second", "gauge", "The same now, a mean of 5 s.");
  for (const auto& [key, peer] : edge.peers()) {
    if (!peer->channel.ready(now) || peer->name.empty()) {
      continue;
    }
    const std::string who = label("peer", peer->name);
    direct.add(who, std::uint64_t{peer->direct.is_open() ? 1U : 0U});
    if (peer->direct.is_open()) {
      trip.add(who, microseconds(peer->direct.round_trip()));
    }
    if (const auto share = peer->direct.loss().share(); share && peer->direct.is_open()) {
      loss.add(who, *share);
    }
    sent.add(who, peer->traffic.bytes_sent);
    received.add(who, peer->traffic.bytes_received);
    sending.add(who, peer->rates.bytes_sent.per_second());
    receiving.add(who, peer->rates.bytes_received.per_second());
  }
  return direct.text() + trip.text() + loss.text() + sent.text() + received.text() +
         sending.text() + receiving.text();
}

std::string supernodes(const Edge& edge) {
  Family trip("supernode_round_trip_microseconds", "gauge", "Round trip to the super node.");
  Family loss("supernode_loss_ratio", "gauge", "Share of unanswered probes of the super node.");
  for (const auto& link : edge.links()) {
    const std::string who = label("endpoint", link->endpoint.text());
    if (link->registered) {
      trip.add(who, microseconds(link->round_trip));
    }
    if (const auto share = link->loss.share(); share && link->registered) {
      loss.add(who, *share);
    }
  }
  return trip.text() + loss.text();
}

// One of the kinds is 1, the others are 0, as Prometheus has states.
std::string nat(const Edge& edge, Time now) {
  Family state("nat", "gauge", "How the NAT in front of this edge maps its port.");
  const NatMapping found = edge.nat(now).kind;
  for (const NatMapping kind :
       {NatMapping::kOpen, NatMapping::kCone, NatMapping::kSymmetric, NatMapping::kUnknown}) {
    state.add(label("kind", std::string(nat_mapping_name(kind))),
              std::uint64_t{kind == found ? 1U : 0U});
  }
  return state.text();
}

std::string rates(const Edge& edge) {
  Family state("bytes_per_second", "gauge", "Bytes of frames of all peers, a mean of 5 s.");
  state.add(label("direction", "sent"), edge.rates().bytes_sent.per_second());
  state.add(label("direction", "received"), edge.rates().bytes_received.per_second());
  Family frames("frames_per_second", "gauge", "Frames of all peers, a mean of 5 s.");
  frames.add(label("direction", "sent"), edge.rates().frames_sent.per_second());
  frames.add(label("direction", "received"), edge.rates().frames_received.per_second());
  return state.text() + frames.text();
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
         drops(counters) + nat(edge, now) + rates(edge) + supernodes(edge) + peers(edge, now);
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
