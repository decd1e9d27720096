// An edge and the measuring of its paths: the surveys of its own machine, and the trains that
// others ask for.
#include "vpn/node/edge.hpp"

#include <algorithm>

namespace marvel::vpn {
namespace {

constexpr Duration kListWithin = seconds(2);  // for a super node to tell who is there
constexpr Duration kTrainKept = seconds(30);

}  // namespace

void Edge::survey(Time now, SurveyOrder order) {
  survey_ = std::make_unique<Survey>();
  survey_->order = std::move(order);
  survey_->began = now;
  for (const auto& link : links_) {
    if (link->registered) {
      send_control(now, *link, Everybody{});
    }
  }
}

// Whom to measure. A super node has had time to tell of those that were unknown.
void Edge::list_survey(Time now) {
  const auto& wanted = survey_->order.peers;
  const auto named = [this](const std::string& name) {
    return std::find_if(peers_.begin(), peers_.end(), [&name](const auto& entry) {
      return entry.second->name == name && entry.second->address != 0;
    });
  };
  const bool all_known =
      !wanted.empty() && std::all_of(wanted.begin(), wanted.end(),
                                     [&](auto& name) { return named(name) != peers_.end(); });
  if (!all_known && now - survey_->began < kListWithin) {
    return;
  }
  survey_->listed = true;
  const auto add = [this](const std::string& name, const Peer* peer) {
    survey_->entries.push_back({name, peer == nullptr ? 0 : peer->address, {}});
    survey_->keys.push_back(peer == nullptr ? PublicKey{} : peer->key);
  };
  for (const std::string& name : wanted) {
    const auto found = named(name);
    add(name, found == peers_.end() ? nullptr : found->second.get());
  }
  for (const auto& [key, peer] : peers_) {
    if (wanted.empty() && peer->address != 0) {
      add(peer->name, peer.get());
    }
  }
}

void Edge::tick_survey(Time now) {
  if (!survey_ || survey_->done()) {
    return;
  }
  if (!survey_->listed) {
    return list_survey(now);
  }
  Survey& survey = *survey_;
  const auto found = peers_.find(survey.keys[survey.next]);
  if (found == peers_.end()) {
    survey.path.reset();
    ++survey.next;
    return;
  }
  Peer& peer = *found->second;
  if (!survey.path) {
    survey.path = std::make_unique<PathMeasurement>(random_, now, survey.order.largest);
  }
  measure(now, peer, *survey.path);
  if (survey.path->done()) {
    survey.entries[survey.next].figures = survey.path->figures();
    survey.path.reset();
    ++survey.next;
  }
}

void Edge::measure(Time now, Peer& peer, PathMeasurement& path) {
  peer.last_used = now;  // the path is looked for and watched as if frames went over it
  peer.direct.used(now);
  const PathMeasurement::State state{peer.channel.ready(now), peer.direct.is_open(),
                                     train_room(peer)};
  if (!state.ready) {
    begin_session(now, peer);
  }
  const auto due = path.due(now, state);
  if (due.message) {
    send_control(now, peer, *due.message, nullptr);
  }
  if (due.train) {
    send_train(now, peer, *due.train);
  }
}

// Bytes of text that one datagram takes on the peer's path.
std::size_t Edge::train_room(Peer& peer) {
  const std::size_t front = peer.direct.is_open() ? 0 : kEnvelopeSize;
  return mtu_of(peer).size() - front - kHeaderSize - kTagSize;
}

void Edge::send_train(Time now, Peer& peer, const TrainAsk& train) {
  const bool direct = peer.direct.is_open();
  const Link* const link = direct ? nullptr : relay_of(peer);
  const bool reachable = direct || (link != nullptr && link->channel.current() != nullptr);
  if (!reachable || !peer.channel.ready(now)) {
    return;
  }
  const std::size_t front = direct ? 0 : kEnvelopeSize;
  const std::size_t size = std::min<std::size_t>(train.size, train_room(peer));
  SealedHeader header;
  header.flags = kFlagControl;
  for (std::uint16_t number = 0; number < train.packets; ++number) {
    const auto text = encode(
        Train{train.token, number, train.packets, static_cast<std::uint16_t>(size - kTrainText)});
    const MutableBytes room = outbox_.reserve(front + kHeaderSize + text.size() + kTagSize);
    std::copy(text.begin(), text.end(),
              room.begin() + static_cast<std::ptrdiff_t>(front + kHeaderSize));
    seal_and_send(now, peer, header, room, link);
  }
}

// Whether it was a message of a train.
bool Edge::train_text(Time now, Peer& peer, const Control& message, std::size_t size) {
  if (const auto* packet = std::get_if<Train>(&message)) {
    if (survey_ && survey_->path) {
      survey_->path->on_train(now, *packet, size);
    }
    if (!peer.train) {
      peer.train = std::make_unique<TrainArrival>();
    }
    peer.train->add(now, *packet, size, true);
  } else if (const auto* end = std::get_if<TrainEnd>(&message)) {
    const bool known = peer.train && peer.train->token() == end->token;
    send_control(now, peer, known ? peer.train->report() : TrainReport{end->token, 0, 0, 0},
                 nullptr);
  } else if (const auto* report = std::get_if<TrainReport>(&message)) {
    if (survey_ && survey_->path) {
      survey_->path->on_report(*report);
    }
  } else if (const auto* ask = std::get_if<TrainAsk>(&message)) {
    if (trains_.take(now, static_cast<double>(ask->packets) * ask->size)) {
      send_train(now, peer, *ask);
    } else {
      counters_.drop(Drop::kLimited);
    }
  } else {
    return false;
  }
  return true;
}

void Edge::forget_train(Time now, Peer& peer) {
  if (peer.train && now - peer.train->last() > kTrainKept) {
    peer.train.reset();
  }
}

}  // namespace marvel::vpn
