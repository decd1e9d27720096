// An edge and its super nodes: handshake, registration, watch, questions.
#include "vpn/node/edge.hpp"

#include <algorithm>
#include <iterator>

namespace marvel::vpn {
namespace {

constexpr Duration kResetPause = seconds(1);
constexpr Duration kTellAfter = seconds(5);

std::string_view text_of(Refused::Reason reason) {
  switch (reason) {
    case Refused::Reason::kNoAddress:
      return "all addresses of the community are leased";
    case Refused::Reason::kAddressTaken:
      return "the address is another node's, not of the community's subnet or not allowed by the "
             "certificate, or another one is reserved for this node";
    case Refused::Reason::kNameTaken:
      return "another node of this name is connected; choose another --name";
    case Refused::Reason::kNotAllowed:
      return "the certificate is for another name or does not allow the address that is reserved "
             "or a network behind it, or such a network lies inside the community's";
  }
  return "no reason";
}

}  // namespace

Link* Edge::leader() const {
  const auto found =
      std::find_if(links_.begin(), links_.end(), [](const auto& link) { return link->registered; });
  return found == links_.end() ? nullptr : found->get();
}

Link* Edge::relay_of(const Peer& peer) const {
  if (peer.via < links_.size() && links_[peer.via]->registered) {
    return links_[peer.via].get();
  }
  return leader();
}

void Edge::tick_link(Time now, Link& link) {
  if (!link.channel.ready(now)) {
    if (link.registered) {
      reset_link(link);
    }
    if (link.handshake.running(now) > kTellAfter) {
      tell_once(link, told_validity_ == Validity::kNotNow
                          ? " does not answer: the certificate of this node is not valid now"
                          : " does not answer");
    }
    return initiate(now, link);
  }
  if (link.channel.wants_new_session(now) || link.forgotten) {
    initiate(now, link);
  }
  if ((!link.registered || link.renewing) && link.registering.due(now)) {
    // Every super node after the first is asked for the same address.
    const Ipv4 wanted = address_ != 0 ? address_ : options_.wanted;
    send_control(now, link, Register{options_.name, wanted, candidates_, options_.announced});
  }
  if (link.registered) {
    probe_link(now, link);
  }
}

// Registers (again); tick_link() goes on until there is an answer.
void Edge::renew(Time now, Link& link) {
  link.renewing = true;
  link.registering.stop();
  tick_link(now, link);
}

void Edge::renew_all(Time now) {
  for (const auto& link : links_) {
    if (link->registered) {
      renew(now, *link);
    }
  }
}

void Edge::initiate(Time now, Link& link) {
  if (!link.handshake.due(now)) {
    return;
  }
  const auto message = link.channel.initiate(now);
  if (!message.empty()) {
    const MutableBytes room = outbox_.reserve(message.size());
    std::copy(message.begin(), message.end(), room.begin());
    outbox_.send(link.endpoint);
  }
}

void Edge::probe_link(Time now, Link& link) {
  // One far away, or behind a full queue, gets the time that its answers take.
  const Duration patience = std::max<Duration>(kSupernodeDead, 4 * link.round_trip);
  if (link.unanswered && now - link.unanswered_since >= patience) {
    tell_once(link, " does not answer");
    return reset_link(link);
  }
  if (now < link.next_probe) {
    return;
  }
  // All probes until an answer are one question: the answer to the first may be long under way.
  if (!link.unanswered) {
    for (unsigned at = 0; at < link.asked; ++at) {
      link.loss.add(at < link.answered);
    }
    link.asked = link.answered = 0;
    link.token = random_u64(random_);
    link.unanswered = true;
    link.unanswered_since = now;
  }
  link.next_probe = now + kSupernodeReprobe;
  ++link.asked;
  send_control(now, link, Probe{link.token});
}

void Edge::reset_link(Link& link) {
  link.channel.close();
  link.forgotten = false;
  link.registered = false;
  link.renewing = false;
  link.unanswered = false;
  link.handshake.stop();
  link.registering.stop();
}

bool Edge::send_control(Time now, Link& link, const Control& message) {
  if (!link.channel.ready(now)) {
    return false;
  }
  const auto text = encode(message);
  const MutableBytes room = outbox_.reserve(kHeaderSize + text.size() + kTagSize);
  std::copy(text.begin(), text.end(), room.begin() + kHeaderSize);
  SealedHeader header;
  header.flags = kFlagControl;
  if (!link.channel.seal(now, header, room)) {
    return false;
  }
  outbox_.send(link.endpoint);
  return true;
}

// A super node takes only so many messages of an edge.
void Edge::ask(Time now, const Find& find) {
  if (!questions_.take(now)) {
    return counters_.drop(Drop::kLimited);
  }
  for (const auto& link : links_) {
    if (link->registered) {
      send_control(now, *link, find);
    }
  }
}

// Who is it? For one without a session nobody vouches: anybody in the local network, and anybody
// who knows our key, can make up as many as he likes.
void Edge::ask_about(Time now, Peer& peer) {
  peer.asked = now;
  if (!peer.channel.ready(now) && !doubtful_.take(now)) {
    return counters_.drop(Drop::kLimited);
  }
  ask(now, {0, peer.id});
}

bool Edge::set_candidates(Time now, std::vector<Endpoint> candidates) {
  candidates.resize(std::min(candidates.size(), kMaxCandidates));
  if (candidates_ == candidates) {
    return false;
  }
  candidates_ = std::move(candidates);
  renew_all(now);
  return true;
}

void Edge::roam(Time now) {
  for (const auto& link : links_) {
    link->next_probe = now;
  }
  for (const auto& [key, peer] : peers_) {
    peer->direct.close();
  }
}

void Edge::link_text(Time now, Link& link, Bytes text) {
  const auto message = decode(text);
  if (!message) {
    return counters_.drop(Drop::kMalformed);
  }
  if (const auto* lease = std::get_if<Lease>(&*message)) {
    on_lease(now, link, *lease);
  } else if (const auto* refused = std::get_if<Refused>(&*message)) {
    on_refused(link, refused->reason);
  } else if (const auto* info = std::get_if<PeerInfo>(&*message)) {
    on_peer_info(now, *info);
  } else if (const auto* absent = std::get_if<Absent>(&*message)) {
    on_absent(now, *absent, link);
  } else if (const auto* reply = std::get_if<ProbeReply>(&*message)) {
    link.answered += reply->token == link.token ? 1 : 0;
    if (reply->token == link.token && link.unanswered) {
      link.unanswered = false;
      link.round_trip = now - link.unanswered_since;
      link.next_probe = now + kSupernodeProbe;
      link.seen = reply->seen;
    }
  } else if (std::holds_alternative<Bye>(*message)) {
    reset_link(link);
  }
}

void Edge::on_lease(Time now, Link& link, const Lease& lease) {
  link.registered = false;  // a super node that forgot us may have another address for us
  const bool was_alone = leader() == nullptr;
  link.registered = true;
  link.renewing = false;
  link.seen = lease.seen;
  link.unanswered = false;
  link.next_probe = now + kSupernodeProbe;
  const bool differs = lease.address != address_ || lease.bits != bits_;
  if (differs && !was_alone) {
    // It is asked again, ever more seldom: registering.stop() is what would begin anew.
    tell_once(link, " leases another address, " + ipv4_text(lease.address) + "; it is not used");
    link.registered = false;
    return;
  }
  link.registering.stop();
  if (link.told) {
    outbox_.tell("super node " + link.endpoint.text() + " has registered this node");
    link.told = false;
  }
  if (!differs) {
    return;
  }
  address_ = lease.address;
  bits_ = lease.bits;
  outbox_.addressed(address_, bits_);
}

void Edge::on_refused(Link& link, Refused::Reason reason) {
  link.registered = false;
  link.renewing = false;
  tell_once(link, " refuses this node: " + std::string(text_of(reason)));
  // What was leased before is no longer to be had: anything is better than nothing, unless people
  // asked for this very address.
  const bool lost = reason == Refused::Reason::kAddressTaken && leader() == nullptr;
  if (lost && options_.wanted == 0) {
    address_ = 0;
  }
}

// Until it has taken us again, and not at every try.
void Edge::tell_once(Link& link, const std::string& what) {
  if (!link.told) {
    link.told = true;
    outbox_.tell("super node " + link.endpoint.text() + what);
  }
}

// The relay that was used does not know the peer; the next one may. While there is no session, its
// address may be another one's by now.
void Edge::on_absent(Time now, const Absent& absent, const Link& link) {
  const auto found = by_id_.find(absent.node);
  if (found == by_id_.end()) {
    return;
  }
  Peer& peer = *found->second;
  peer.absent = peer.absent || !peer.channel.ready(now);
  if (relay_of(peer) == &link) {
    peer.via = (number_of(link) + 1) % links_.size();
  }
}

// A super node that was restarted knows no session. Nothing vouches for this message, so it only
// makes us begin a handshake, at most once in a while. The session and the registration stay until
// that is done.
void Edge::on_unknown(Time now, const Endpoint& from, Bytes datagram) {
  const auto index = load_le<std::uint32_t>(datagram.data() + 4);
  for (const auto& link : links_) {
    const Session* const session = link->channel.current();
    const bool ours = session != nullptr && session->facts().remote == index;
    if (ours && link->endpoint == from && now - link->last_reset > kResetPause) {
      link->last_reset = now;
      link->forgotten = true;
      initiate(now, *link);
    }
  }
}

}  // namespace marvel::vpn
