#pragma once

#include "vpn/channel/handshake_message.hpp"
#include "vpn/channel/session.hpp"
#include "vpn/identity/membership.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace marvel::vpn {

class Channel;

// Who has a channel: the node casts it to what it knows it to be.
struct ChannelOwner {};

// Which channel answers to an index on the wire. Indices are drawn at random, so that they tell a
// stranger nothing.
class IndexTable {
 public:
  std::uint32_t claim(Random& random, Channel& channel);
  void release(std::uint32_t index) { channels_.erase(index); }
  [[nodiscard]] Channel* find(std::uint32_t index) const;
  [[nodiscard]] std::size_t size() const { return channels_.size(); }

 private:
  std::unordered_map<std::uint32_t, Channel*> channels_;
};

// What all channels of a node in one community share. Outlives them.
struct Home {
  KeyPairX identity;
  Membership membership;
  Random& random;
  IndexTable& indices;
  std::uint64_t unix_ns_at_zero = 0;  // what the calendar said at Time 0

  [[nodiscard]] std::uint64_t unix_ns(Time now) const {
    return unix_ns_at_zero + static_cast<std::uint64_t>(now.count());
  }
  [[nodiscard]] std::uint64_t unix_seconds(Time now) const { return unix_ns(now) / 1'000'000'000U; }
};

// The secured way to one other node: handshakes, and the sessions they gave. Up to three sessions
// live at a time, so that a change of keys loses nothing:
//   previous   still opens what is under way
//   current    seals
//   next       we answered, and the other side has not used it yet
// A session that we answered seals nothing before its first genuine packet: only that packet proves
// that the other side knows the psk, and that message 1 was no replay.
class Channel {
 public:
  Channel(Home& home, const PublicKey& remote, ChannelOwner& owner);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // --- handshakes; what these return is a datagram to send, empty for none ---

  std::vector<std::uint8_t> initiate(Time now);
  // Message 2 to a message 1 that comes from remote(). Empty for a replayed one, and for one that
  // the membership does not admit.
  std::vector<std::uint8_t> respond(Time now, FirstMessage& first);
  // Takes message 2, checked by second_is_for. Whether there is a new session.
  bool finish(Time now, Bytes second);
  // Whether it is genuine, and the answer to the handshake under way.
  bool take_cookie(Bytes reply);
  void abandon();  // the handshake that is under way

  // --- packets ---

  // Seals `datagram` (header, text, tag) in place. False when there is no session.
  bool seal(Time now, const SealedHeader& header, MutableBytes datagram);

  struct Opened {
    Session::Verdict verdict = Session::Verdict::kForged;
    bool is_newest = false;      // of its session
    bool began_session = false;  // by this packet
  };
  // `datagram` has at least header and tag, and its index is one of this channel's.
  Opened open(Time now, MutableBytes datagram);

  [[nodiscard]] bool ready(Time now) const { return current_ && current_->usable(now); }
  [[nodiscard]] bool wants_new_session(Time now) const { return current_ && current_->is_old(now); }
  [[nodiscard]] const Session* current() const { return current_.get(); }
  // The session of this index of ours, for hop tags.
  [[nodiscard]] const Session* session(std::uint32_t local) const;
  [[nodiscard]] bool is_initiating() const { return pending_ != nullptr; }
  [[nodiscard]] const PublicKey& remote() const { return remote_; }
  [[nodiscard]] ChannelOwner& owner() const { return owner_; }
  // The certificate that the other side showed last.
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] std::uint64_t handshakes() const { return handshakes_; }
  // Ends all sessions.
  void close();

 private:
  struct Pending {
    Handshake noise;
    std::uint32_t index = 0;
    Block<16> mac1{};
  };
  std::unique_ptr<Session> make_session(Time now, std::uint32_t local, std::uint32_t remote,
                                        Suite suite, bool is_initiator, const TransportKeys& keys);
  void drop(std::unique_ptr<Session>& session);
  void promote_next();

  Home& home_;
  PublicKey remote_;
  ChannelOwner& owner_;
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<Session> previous_;
  std::unique_ptr<Session> current_;
  std::unique_ptr<Session> next_;
  std::optional<Block<16>> cookie_;
  Certificate certificate_;
  std::uint64_t last_sent_timestamp_ = 0;
  std::uint64_t last_timestamp_ = 0;  // of the other side's messages
  std::uint64_t handshakes_ = 0;
};

}  // namespace marvel::vpn
