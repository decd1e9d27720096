#include "vpn/node/metrics.hpp"

#include "net/metrics_text.hpp"
#include "vpn/node/counters_text.hpp"

namespace marvel::vpn {
namespace {

using net::metric_head;
using net::metric_label;
using net::metric_line;
using net::metric_total;

// Metrics of one kind, a line for each peer or super node that has a value.
class Family {
 public:
  Family(std::string name, const std::string& type, const std::string& help)
      : name_("marvel_vpn_" + std::move(name)), text_(metric_head(name_, type, help)) {}

  template <class Number>
  void add(const std::string& labels, Number value) {
    text_ += metric_line(name_, labels, value);
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
    const std::string who = metric_label("peer", peer->name);
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
    const std::string who = metric_label("endpoint", link->endpoint.text());
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
    state.add(metric_label("kind", std::string(nat_mapping_name(kind))),
              std::uint64_t{kind == found ? 1U : 0U});
  }
  return state.text();
}

std::string certificate(const Edge& edge) {
  const auto& own = edge.certificate();
  if (!own) {
    return {};
  }
  Family end("certificate_not_after_seconds", "gauge",
             "When the certificate of this edge ends, in seconds since 1970.");
  end.add("", own->not_after);
  return end.text();
}

std::string rates(const Edge& edge) {
  Family state("bytes_per_second", "gauge", "Bytes of frames of all peers, a mean of 5 s.");
  state.add(metric_label("direction", "sent"), edge.rates().bytes_sent.per_second());
  state.add(metric_label("direction", "received"), edge.rates().bytes_received.per_second());
  Family frames("frames_per_second", "gauge", "Frames of all peers, a mean of 5 s.");
  frames.add(metric_label("direction", "sent"), edge.rates().frames_sent.per_second());
  frames.add(metric_label("direction", "received"), edge.rates().frames_received.per_second());
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
  return metric_head(name, "gauge", "Super nodes that this edge is registered with.") +
         metric_line(name, metric_label("community", community), registered) +
         frame_metrics(counters) + drop_metrics(counters) + nat(edge, now) + rates(edge) +
         certificate(edge) + supernodes(edge) + peers(edge, now);
}

std::string metrics(const Supernode& supernode) {
  std::map<std::string, std::uint64_t> edges;
  for (const auto& client : supernode.clients()) {
    ++edges[client.community];
  }
  return edge_metrics(edges) + relay_metrics(supernode.counters()) +
         drop_metrics(supernode.counters());
}

}  // namespace marvel::vpn
