#include "vpn/channel/channel.hpp"

#include "vpn/channel/cookie.hpp"

#include <algorithm>

namespace marvel::vpn {

std::uint32_t IndexTable::claim(Random& random, Channel& channel) {
  while (true) {
    const std::uint32_t index = random_u32(random);
    if (channels_.emplace(index, &channel).second) {
      return index;
    }
  }
}

Channel* IndexTable::find(std::uint32_t index) const {
  const auto found = channels_.find(index);
  return found == channels_.end() ? nullptr : found->second;
}

Channel::Channel(Home& home, const PublicKey& remote, ChannelOwner& owner)
    : home_(home), remote_(remote), owner_(owner) {}

Channel::~Channel() {
  close();
}

void Channel::close() {
  abandon();
  drop(previous_);
  drop(current_);
  drop(next_);
}

void Channel::abandon() {
  if (pending_) {
    home_.indices.release(pending_->index);
    pending_.reset();
  }
}

void Channel::drop(std::unique_ptr<Session>& session) {
  if (session) {
    home_.indices.release(session->facts().local);
    session.reset();
  }
}

std::vector<std::uint8_t> Channel::initiate(Time now) {
  abandon();
  FirstPayload payload;
  payload.timestamp = std::max(home_.unix_ns(now), last_sent_timestamp_ + 1);
  payload.community = home_.membership.community;
  payload.suites = supported_suites();
  payload.certificate = home_.membership.certificate;
  last_sent_timestamp_ = payload.timestamp;
  auto noise = Handshake::initiator(bytes_of(kPrologue), home_.identity, remote_);
  const auto message = noise.write_first(random_secret(home_.random), encode(payload));
  if (message.empty()) {
    return {};
  }
  const std::uint32_t index = home_.indices.claim(home_.random, *this);
  auto datagram = frame_first(index, message, remote_, cookie_);
  cookie_.reset();  // worth one try; a responder under load sends another
  pending_ = std::make_unique<Pending>(Pending{std::move(noise), index, {}});
  const Bytes mac1 = mac1_of_first(datagram);
  std::copy(mac1.begin(), mac1.end(), pending_->mac1.begin());
  return datagram;
}

std::vector<std::uint8_t> Channel::respond(Time now, FirstMessage& first) {
  const auto& payload = first.payload;
  const auto shown = home_.membership.admit(remote_, payload.certificate, home_.unix_seconds(now));
  if (payload.timestamp <= last_timestamp_ || payload.community != home_.membership.community ||
      !shown) {
    return {};
  }
  const Suite suite = choose_suite(supported_suites(), payload.suites);
  const SecondPayload answer{static_cast<std::uint8_t>(suite), home_.membership.certificate};
  const auto message =
      first.noise.write_second(random_secret(home_.random), home_.membership.psk, encode(answer));
  if (message.empty()) {
    return {};
  }
  last_timestamp_ = payload.timestamp;
  certificate_ = *shown;
  drop(next_);
  const std::uint32_t index = home_.indices.claim(home_.random, *this);
  next_ = make_session(now, index, first.sender, suite, false, first.noise.split());
  return frame_second(index, first.sender, message, remote_);
}

bool Channel::finish(Time now, Bytes second) {
  const auto sender = load_le<std::uint32_t>(second.data() + 4);
  const auto receiver = load_le<std::uint32_t>(second.data() + 8);
  if (!pending_ || pending_->index != receiver) {
    return false;
  }
  Handshake noise = pending_->noise;  // a forged answer must not spoil the true one
  const auto text = noise.read_second(home_.membership.psk, noise_of_second(second));
  const auto payload = text ? decode_second(*text) : std::nullopt;
  if (!payload) {
    return false;
  }
  const auto shown = home_.membership.admit(remote_, payload->certificate, home_.unix_seconds(now));
  if (!shown) {
    return false;
  }
  certificate_ = *shown;
  pending_.reset();  // its index goes on as the session's
  drop(previous_);
  previous_ = std::move(current_);
  current_ =
      make_session(now, receiver, sender, static_cast<Suite>(payload->suite), true, noise.split());
  return true;
}

bool Channel::take_cookie(Bytes reply) {
  if (!pending_) {
    return false;
  }
  const auto cookie = open_cookie(reply, remote_, pending_->mac1);
  if (cookie) {
    cookie_ = cookie;
  }
  return cookie.has_value();
}

std::unique_ptr<Session> Channel::make_session(Time now, std::uint32_t local, std::uint32_t remote,
                                               Suite suite, bool is_initiator,
                                               const TransportKeys& keys) {
  ++handshakes_;
  return std::make_unique<Session>(Session::Facts{local, remote, suite, is_initiator, now}, keys);
}

bool Channel::seal(Time now, const SealedHeader& header, MutableBytes datagram) {
  return current_ && current_->seal(now, header, datagram);
}

const Session* Channel::session(std::uint32_t local) const {
  for (const auto* slot : {&current_, &next_, &previous_}) {
    if (*slot && (*slot)->facts().local == local) {
      return slot->get();
    }
  }
  return nullptr;
}

void Channel::promote_next() {
  drop(previous_);
  previous_ = std::move(current_);
  current_ = std::move(next_);
}

Channel::Opened Channel::open(Time now, MutableBytes datagram) {
  const auto index = load_le<std::uint32_t>(datagram.data() + 4);
  Opened opened;
  for (auto* slot : {&current_, &next_, &previous_}) {
    if (!*slot || (*slot)->facts().local != index) {
      continue;
    }
    const std::uint64_t before = (*slot)->received_next();
    opened.verdict = (*slot)->open(now, datagram);
    if (opened.verdict == Session::Verdict::kFresh) {
      opened.is_newest = (*slot)->received_next() > before;
      opened.began_session = slot == &next_;
    }
    break;
  }
  if (opened.began_session) {
    promote_next();
  }
  return opened;
}

}  // namespace marvel::vpn
